"""The outside world of index: Kafka and Elasticsearch."""
