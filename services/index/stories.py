"""Gives copies of an article the same story, also those that cannot be searched yet."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from elasticsearch import Elasticsearch

from services.index.core.bulk import in_story
from services.index.core.prepare import Ready
from services.index.core.stories import Signed, tell_stories, when_copies_come
from services.index.edges.indices import write_alias
from services.index.edges.stories import find_signed

REMEMBERED = 5_000
"""Articles that are being written, or were written less than a refresh ago, are fewer."""

Find = Callable[[frozenset[str], frozenset[str], tuple[datetime, datetime]], list[Signed]]


class Stories:
    """Tells the stories of documents.

    ``find`` returns articles of the index that share any of some paragraphs or bands, and were
    first seen between two moments.
    """

    def __init__(self, find: Find) -> None:
        self._find = find
        self._recent: dict[str, Signed] = {}

    def join(self, documents: Sequence[Ready]) -> list[Ready]:
        """Return the documents, each in its story."""
        new = [document.signed for document in documents if document.signed]
        paragraphs = frozenset().union(*(one.paragraphs for one in new))
        bands = frozenset().union(*(one.bands for one in new))
        if not paragraphs and not bands:
            return list(documents)
        # While an index is migrated an article is in two, and the older may know no stories.
        found = self._find(paragraphs, bands, when_copies_come(new))
        found = sorted(found, key=lambda one: one.story_id is not None)
        known = {one.article_id: one for one in found}
        known |= {
            article_id: one
            for article_id, one in self._recent.items()
            if not (one.paragraphs.isdisjoint(paragraphs) and one.bands.isdisjoint(bands))
        }
        told = tell_stories(new, list(known.values()))
        self._remember([one.of_story(told[one.article_id]) for one in new])
        return [
            replace(document, operation=in_story(document.operation, document.article_id, story_id))
            if (story_id := told.get(document.article_id, document.article_id))
            != document.article_id
            else document
            for document in documents
        ]

    def _remember(self, articles: Sequence[Signed]) -> None:
        for one in articles:
            self._recent.pop(one.article_id, None)
            self._recent[one.article_id] = one
        for article_id in list(self._recent)[: max(0, len(self._recent) - REMEMBERED)]:
            del self._recent[article_id]


def stories_of(client: Elasticsearch, alias: str) -> Stories:
    """Return what tells stories from the index that is written and the one that is searched.

    They are two while one is migrated to the other.
    """
    indices = [write_alias(alias), alias]
    return Stories(partial(find_signed, client, indices))
