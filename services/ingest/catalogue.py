"""The catalogue of sources as it is on disk: at the start, and after every edit."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from services.contract.catalogues import CatalogueError
from services.ingest.core.sources import Source, read_sources
from services.ingest.metrics import SOURCES_FILE_VALID
from services.runtime.settings import ConfigurationError

LOOK_EVERY_S = 2.0

log = structlog.get_logger()


class Catalogue:
    """The file, and the enabled ``sources`` of its last version that was right."""

    def __init__(self, path: Path) -> None:
        """Read the file. Raises ConfigurationError with all that is wrong."""
        self._path = path
        self._seen = self._read()
        self.sources = self._parse(self._seen)
        SOURCES_FILE_VALID.set(1)

    async def follow(self, use: Callable[[list[Source]], Awaitable[None]]) -> None:
        """Call ``use`` with the sources after every edit, until cancelled.

        A wrong edit changes nothing: it is logged once, and ``rasid_sources_file_valid`` is 0 until
        it is mended. Reading the file now and then also works where the kernel does not tell of
        edits: network shares, ConfigMaps.
        """
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            content = await asyncio.to_thread(self._read)
            if content == self._seen:
                continue
            self._seen = content
            try:
                self.sources = await asyncio.to_thread(self._parse, content)
            except ConfigurationError as error:
                SOURCES_FILE_VALID.set(0)
                log.error("catalogue not used, the sources stay as they are", error=str(error))
            else:
                SOURCES_FILE_VALID.set(1)
                log.info("catalogue read again", path=str(self._path), sources=len(self.sources))
                await use(self.sources)

    def _read(self) -> bytes | str:
        """Return the content, or in words why there is none."""
        try:
            return self._path.read_bytes()
        except OSError as error:
            return f"RASID_INGEST_SOURCES={self._path}: {error.strerror}"

    def _parse(self, content: bytes | str) -> list[Source]:
        if isinstance(content, str):
            raise ConfigurationError(content)
        try:
            every = read_sources(content, str(self._path))
        except CatalogueError as error:
            raise ConfigurationError(str(error)) from error
        return [source for source in every if source.enabled]
