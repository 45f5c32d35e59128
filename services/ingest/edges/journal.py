"""What an import of a site has settled, in a file: so that it can be interrupted and go on.

A line is a digest of an address or an article, and ``imported`` or the time that the article is of
(``-`` for none), where that was not asked for. Lines are only ever added.
"""

import fcntl
from datetime import datetime
from pathlib import Path

from services.contract.articles import article_id
from services.ingest.core.period import Period

_IMPORTED = "imported"
_UNDATED = "-"


class Journal:
    """The journal in the file ``path``, which need not exist.

    Raises OSError; BlockingIOError if somebody else has it open.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+", encoding="ascii", errors="replace")
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._file.seek(0)
        lines = [line.split() for line in self._file]
        self._settled = {line[0]: line[1] for line in lines if len(line) == 2}
        self._file.write("\n")  # a kill may have cut the last line short

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def is_settled(self, name: str, period: Period) -> bool:
        """Return whether there is nothing to do about the address or article id ``name``."""
        said = self._settled.get(article_id(name))
        if said is None or said == _IMPORTED:
            return said is not None
        try:
            return not period.holds(None if said == _UNDATED else datetime.fromisoformat(said))
        except ValueError:
            return False

    def note_imported(self, *names: str) -> None:
        """Remember that these addresses and article ids are published."""
        for name in names:
            self._note(name, _IMPORTED)

    def note_outside(self, name: str, published_at: datetime | None) -> None:
        """Remember of when an article is that was not asked for."""
        self._note(name, published_at.isoformat() if published_at else _UNDATED)

    def _note(self, name: str, said: str) -> None:
        self._settled[article_id(name)] = said
        self._file.write(f"{article_id(name)} {said}\n")
        self._file.flush()
