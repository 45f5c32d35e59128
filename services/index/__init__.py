"""Index: makes enriched articles searchable in Elasticsearch, and searches them."""
