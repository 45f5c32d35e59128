"""Enrich's outside world: the files of knowledge, and Kafka by way of Faust."""
