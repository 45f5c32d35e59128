"""Where ingest touches the world: HTTP and Kafka."""
