"""How this installation asks servers, by its settings."""

from importlib.metadata import version

from services.ingest.config import IngestSettings
from services.ingest.edges.http import FetchRules


def fetch_rules(settings: IngestSettings) -> FetchRules:
    """Return what the fetcher goes by, with an honest name and how to reach us."""
    contact = f" (+{settings.contact})" if settings.contact else ""
    return FetchRules(
        user_agent=f"Rasid/{version('rasid')}{contact}",
        timeout_s=settings.fetch_timeout_s,
        max_body_bytes=settings.max_body_bytes,
        concurrency=settings.concurrency,
        min_gap_s=settings.host_gap_s,
        allowed=settings.allow_addresses,
    )
