"""The steps of enrichment: pure functions, values in, values out."""
