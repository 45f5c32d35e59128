"""Which articles are one story: copies of each other, told by what enrich found in their texts.

In two layers, because neither finds what the other does: whole paragraphs, which a passage that
was taken over shares even where most of the article is another; and bands of a MinHash, which a
rewritten copy shares where no paragraph is whole.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain

WINDOW = timedelta(days=7)
"""Copies come within days; what is alike after that is a form: prices, weather, anniversaries."""

_EARLIEST, _LATEST = (  # the ends of the calendar
    datetime.min.replace(tzinfo=UTC) + WINDOW,
    datetime.max.replace(tzinfo=UTC) - WINDOW,
)
_SHARED_PARAGRAPHS = 2
"""One may be what an outlet writes below everything. The two seeds of one story share three."""


_ALIKE = 50
"""An article is compared with so many of those that share a key: copies hang together by chains."""


@dataclass(frozen=True, slots=True)
class Signed:
    """An article with its signature and, if that is known, its story."""

    article_id: str
    first_seen_at: datetime
    paragraphs: frozenset[str]
    bands: frozenset[str]
    story_id: str | None = None

    def of_story(self, story_id: str) -> "Signed":
        """Return the article in a story."""
        return Signed(self.article_id, self.first_seen_at, self.paragraphs, self.bands, story_id)


def is_copy(one: Signed, other: Signed) -> bool:
    """Return whether two articles are one story, in whichever order they are given."""
    if abs(one.first_seen_at - other.first_seen_at) > WINDOW:
        return False
    if not one.bands.isdisjoint(other.bands):
        return True
    return len(one.paragraphs & other.paragraphs) >= _SHARED_PARAGRAPHS


def when_copies_come(articles: Sequence[Signed]) -> tuple[datetime, datetime]:
    """Return the first and the last moment at which a copy of any of ``articles`` can be seen."""
    seen = [one.first_seen_at for one in articles]
    return max(min(seen), _EARLIEST) - WINDOW, min(max(seen), _LATEST) + WINDOW


def tell_stories(new: Sequence[Signed], known: Sequence[Signed]) -> dict[str, str]:
    """Return the story of each of the ``new`` articles by its id: the id of the first of them.

    Copies of copies are one story. It is that of the earliest of the ``known`` articles in it, and
    without any, is called by the earliest of the new ones, in whatever order they come. An article
    that is known keeps its story.
    """
    before = {one.article_id: one.story_id for one in known if one.story_id}
    articles = [*known, *new]
    stories: dict[str, str] = {}
    for group in _groups(articles):
        oldest = min(group, key=lambda one: (not one.story_id, one.first_seen_at, one.article_id))
        for one in group:
            stories[one.article_id] = before.get(
                one.article_id, oldest.story_id or oldest.article_id
            )
    return {one.article_id: stories[one.article_id] for one in new}


def _groups(articles: Sequence[Signed]) -> list[list[Signed]]:
    """Return the articles by story: what is joined by a chain of copies."""
    group_of = list(range(len(articles)))

    def root(number: int) -> int:
        while group_of[number] != number:
            group_of[number] = number = group_of[group_of[number]]
        return number

    how_many = Counter(chain.from_iterable(one.paragraphs | one.bands for one in articles))
    sharing: dict[str, list[int]] = {key: [] for key, count in how_many.items() if count > 1}
    for number, one in enumerate(articles):
        shared = sharing.keys() & (one.paragraphs | one.bands) if sharing else ()
        for other in {other for key in shared for other in sharing[key][-_ALIKE:]}:
            if root(other) != root(number) and is_copy(articles[other], one):
                group_of[root(other)] = root(number)
        for key in shared:
            sharing[key].append(number)
    groups: defaultdict[int, list[Signed]] = defaultdict(list)
    for number, one in enumerate(articles):
        groups[root(number)].append(one)
    return list(groups.values())
