"""The models, loaded once for all tests of enrich."""

import pytest

from services.enrich.edges.models import load_models
from services.enrich.enrichment import Models


@pytest.fixture(scope="session")
def models() -> Models:
    return load_models()
