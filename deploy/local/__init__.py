"""The real Kafka and the real Elasticsearch on this machine, without Docker."""
