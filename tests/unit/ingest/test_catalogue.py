"""The catalogue while it is edited."""

import asyncio
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from services.ingest import catalogue as catalogue_module
from services.ingest.catalogue import Catalogue
from services.ingest.core.sources import Source
from services.runtime.settings import ConfigurationError

WAIT_S = 10


def listed(*ids: str) -> str:
    entries = (f"  - {{id: {id_}, name: N, url: 'https://{id_}.ly/', language: ar}}" for id_ in ids)
    return "\n".join(["sources:", *entries, ""])


def file_valid() -> float | None:
    return REGISTRY.get_sample_value("rasid_sources_file_valid")


def test_an_edit_is_used_a_wrong_one_is_not_and_its_correction_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_module, "LOOK_EVERY_S", 0.01)
    path = tmp_path / "sources.yaml"
    path.write_text(listed("a"))
    used: list[list[str]] = []

    async def use(sources: list[Source]) -> None:
        used.append([source.id for source in sources])

    async def until(uses: int, valid: int) -> None:
        async with asyncio.timeout(WAIT_S):
            while (len(used), file_valid()) != (uses, valid):  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.005)

    async def run() -> None:
        catalogue = Catalogue(path)
        following = asyncio.create_task(catalogue.follow(use))
        await until(0, valid=1)
        path.write_text(listed("a", "b"))
        await until(1, valid=1)
        path.write_text("sources: [")
        await until(1, valid=0)
        path.unlink()
        await until(1, valid=0)
        assert [source.id for source in catalogue.sources] == ["a", "b"]
        path.write_text(listed("b"))
        await until(2, valid=1)
        following.cancel()

    asyncio.run(run())
    assert used == [["a", "b"], ["b"]]


@pytest.mark.parametrize("content", [None, b"\xff", b"sources: ["], ids=["none", "bytes", "yaml"])
def test_a_wrong_catalogue_at_the_start_is_an_error(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    if content:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"sources\.yaml"):
        Catalogue(path)
