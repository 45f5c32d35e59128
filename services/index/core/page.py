"""Where the next page of a search begins: a token that says it, and can be checked."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from services.contract.search_language import InvalidSearchError


@dataclass(frozen=True, slots=True)
class Position:
    """The place behind an article of a search: its sort values.

    ``asked_at`` is when the first page was asked for, ``view`` the id of the point in time of
    Elasticsearch in which every page is looked for, ``since`` the earliest publication that was
    asked for, and ``loosely`` whether one of the words is enough.
    """

    asked_at: datetime
    view: str
    after: list[float]
    since: datetime | None = None
    loosely: bool = False


def to_token(position: Position, words: str) -> str:
    """Return ``position`` in the search for ``words`` as one word that a shell takes as it is."""
    since = position.since and position.since.isoformat()
    at, view = position.asked_at.isoformat(), position.view
    content = json.dumps([_digest(words), at, view, position.after, since, position.loosely])
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def from_token(token: str, words: str) -> Position:
    """Return what ``to_token`` made a token of. Raises InvalidSearchError for any other."""
    try:
        content = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        digest, at, view, after, since, loosely = json.loads(content)
        if digest != _digest(words):
            raise InvalidSearchError("This next page is one of another search.")
        if not isinstance(view, str) or not all(type(value) in (int, float) for value in after):
            raise ValueError(content)
        earliest = datetime.fromisoformat(since) if since else None
        return Position(datetime.fromisoformat(at), view, after, earliest, bool(loosely))
    except (ValueError, TypeError, RecursionError) as error:
        if isinstance(error, InvalidSearchError):
            raise
        raise InvalidSearchError("This is no next page that a search has named.") from error


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:8]
