"""Making what enrich ships with from sources: run by hand, never by the service."""
