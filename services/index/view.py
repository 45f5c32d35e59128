"""The index as a search sees it: at one moment, for all its pages."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError

from services.index.config import alias
from services.index.core.matching import Query
from services.index.core.query import build_best_copies
from services.runtime.settings import Settings

PAGES_KEPT = "10m"
"""How long after a page the next one can be asked for."""


class SearchError(Exception):
    """The search could not be answered; the message says why and what to do."""


class View:
    """The index as it is at one moment, for all pages of a search. Raises SearchError.

    Without it relevance shifts with every article that comes, and pages overlap.
    """

    def __init__(self, client: Elasticsearch, settings: Settings, view_id: str | None) -> None:
        self._client = client
        self._settings = settings
        self._continued = view_id is not None
        self.took_ms = 0
        self.total = 0
        self.all_counted = True
        self.stories: int | None = None
        self.id = view_id or self._open()

    def page(self, body: Query) -> list[dict[str, Any]]:
        """Return the articles of a page."""
        found = self.ask(body)
        self.total = found["hits"]["total"]["value"]
        self.all_counted = found["hits"]["total"]["relation"] == "eq"
        if not self.total:
            self.stories = 0
        hits: list[dict[str, Any]] = found["hits"]["hits"]
        return hits

    def best_copies(self, query: Query, stories: Collection[str]) -> dict[str, Any]:
        """Return the best article of each of ``stories``, and who has copies of it."""
        count_all = self.all_counted and self.stories is None
        found = self.ask(build_best_copies(query, stories, count_all=count_all))
        if count_all:
            self.stories = found["aggregations"]["stories"]["value"]
        return found

    def ask(self, body: Query) -> dict[str, Any]:
        """Return what Elasticsearch answers."""
        within = {"pit": {"id": self.id, "keep_alive": PAGES_KEPT}}
        with self._explained():
            found: dict[str, Any] = self._client.search(body=body | within).body
        self.took_ms += found["took"]
        self.id = found["pit_id"]
        return found

    def close(self) -> None:
        """Let Elasticsearch forget it; it would by itself, later."""
        with self._explained():
            self._client.close_point_in_time(id=self.id)

    def _open(self) -> str:
        with self._explained():
            opened = self._client.open_point_in_time(
                index=alias(self._settings), keep_alive=PAGES_KEPT
            )
        return str(opened["id"])

    @contextmanager
    def _explained(self) -> Iterator[None]:
        name, url = alias(self._settings), self._settings.elasticsearch_url
        try:
            yield
        except NotFoundError as error:
            if self._continued:
                raise SearchError(
                    f"The pages of this search are no longer kept ({PAGES_KEPT}): ask for it anew."
                ) from error
            raise SearchError(
                f"There is no index {name} at {url} yet: "
                "the index service makes it when it starts (rasid run)."
            ) from error
        except TransportError as error:
            raise SearchError(
                f"Elasticsearch at {url} cannot be reached ({error.message}). "
                "Start the local stack with rasid stack up, or set RASID_ELASTICSEARCH_URL."
            ) from error
        except ApiError as error:
            raise SearchError(f"Elasticsearch at {url} refused the search: {error}") from error
