"""Polls the sources, turns what they publish into RawArticles and writes them to Kafka."""
