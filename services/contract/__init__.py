"""What the services say to each other, and are told in catalogues: messages, topics, no I/O."""
