"""The watches as they are on disk, at the start and after every edit; and the channels."""

from pathlib import Path

import structlog

from services.alert.core.channels import Channel, read_channels
from services.alert.core.watches import Watch, read_watches
from services.alert.metrics import WATCHES, WATCHES_FILE_VALID
from services.contract.catalogues import CatalogueError
from services.runtime.settings import ConfigurationError

log = structlog.get_logger()


def channels_of(path: Path) -> tuple[Channel, ...]:
    """Return the channels of a file. Raises ConfigurationError with all that is wrong."""
    try:
        return read_channels(path.read_bytes(), str(path))
    except OSError as error:
        raise ConfigurationError(f"RASID_ALERT_CHANNELS={path}: {error.strerror}") from error
    except CatalogueError as error:
        raise ConfigurationError(str(error)) from error


class WatchFile:
    """The file, and the enabled ``watches`` of its last version that was right."""

    def __init__(self, path: Path, channels: frozenset[str]) -> None:
        """Read the file, in which only ``channels`` may be named.

        Raises ConfigurationError with all that is wrong.
        """
        self._path = path
        self._channels = channels
        self._seen = self._read()
        self.watches = self._parse(self._seen)

    def look(self) -> tuple[Watch, ...]:
        """Return the watches as the file has them now; a wrong edit changes nothing."""
        content = self._read()
        if content != self._seen:
            self._seen = content
            try:
                self.watches = self._parse(content)
            except ConfigurationError as error:
                WATCHES_FILE_VALID.set(0)
                log.error("watches not used, they stay as they are", error=str(error))
            else:
                log.info("watches read again", path=str(self._path), watches=len(self.watches))
        return self.watches

    def _read(self) -> bytes | str:
        """Return the content, or in words why there is none."""
        try:
            return self._path.read_bytes()
        except OSError as error:
            return f"RASID_ALERT_WATCHES={self._path}: {error.strerror}"

    def _parse(self, content: bytes | str) -> tuple[Watch, ...]:
        if isinstance(content, str):
            raise ConfigurationError(content)
        try:
            every = read_watches(content, str(self._path), self._channels)
        except CatalogueError as error:
            raise ConfigurationError(str(error)) from error
        WATCHES_FILE_VALID.set(1)
        enabled = tuple(watch for watch in every if watch.enabled)
        WATCHES.set(len(enabled))
        return enabled
