"""``python -m services.enrich``: the enrich service, put together."""

import asyncio
import sys

from services.contract.access import ACCESS
from services.enrich.config import EnrichSettings
from services.enrich.edges.models import load_models
from services.enrich.worker import work
from services.runtime.kafka import ensure_topics
from services.runtime.service import Service, run_service


def run(service: Service[EnrichSettings]) -> None:
    """Make what is needed and work until asked to stop."""
    models = load_models()
    ensure_topics(service.settings, ACCESS["enrich"].topics, give_up=service.stop.is_set)
    if not service.stop.is_set():
        asyncio.run(work(service, models))


if __name__ == "__main__":
    sys.exit(run_service("enrich", EnrichSettings, run))
