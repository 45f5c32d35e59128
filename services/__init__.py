"""Rasid's services: the folders beside this file are the flow, ingest to enrich to index."""
