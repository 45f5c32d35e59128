"""Where alert meets Elasticsearch and Kafka."""
