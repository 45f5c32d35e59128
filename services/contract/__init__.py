"""What the services say to each other: messages, topics and dead letters. No I/O."""
