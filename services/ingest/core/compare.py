"""What was read against what is known: is it the same article, and does it say anything new?"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from services.contract.articles import RawArticle, SeenArticle, SourceState, article_id
from services.ingest.core.canonical_url import UrlError, canonicalise
from services.ingest.core.changes import Outcome, Publish, Reading, Skip, is_unstable
from services.ingest.core.wording import is_same_story, is_similar, what_changed

SAME_TITLE_FOR = timedelta(days=7)
"""How long an article is known by its title and text, counted from its first sight."""

MAX_REVISION_TIMES = 12
"""Times kept of an article's last revisions: as many as make it unstable."""


def compare(
    readings: Iterable[Reading], state: SourceState, earlier: Sequence[Outcome] = ()
) -> list[Publish | Skip]:
    """Return for each article that was read whether it says anything new.

    Several items can be one article: of those in one poll the first counts, ``earlier`` being what
    the same poll has decided already.
    """
    decided: list[Publish | Skip] = []
    known = _Known(state)
    taken = {o.entry.article_id for o in earlier if isinstance(o, Publish | Skip)}
    for reading in readings:
        reading = known.at_its_own_address(reading, state)
        outcome = _decide(reading, state, known, taken)
        taken.add(outcome.entry.article_id)
        known.add(outcome.entry)
        decided.append(outcome)
    return decided


class _Known:
    """The newest version of each article that the cursor remembers."""

    def __init__(self, state: SourceState) -> None:
        self._by_id: dict[str, SeenArticle] = {}
        self._by_title: dict[str, list[SeenArticle]] = {}
        self._confirmed: dict[str, SeenArticle] = {}
        for entry in state.seen.values():
            self.add(entry)
        self._confirmed = dict(self._by_id)
        for entry in state.unconfirmed.values():
            self.add(entry)

    def add(self, entry: SeenArticle) -> None:
        """Remember a version."""
        for name in filter(None, (entry.article_id, entry.other_id)):
            known = self._by_id.get(name)
            if known is None or known.revision <= entry.revision:
                self._by_id[name] = entry
        if entry.wording:
            self._by_title.setdefault(entry.wording.title, []).append(entry)

    def confirmed(self, entry: SeenArticle) -> SeenArticle | None:
        """Return the newest version of the article that is published for certain."""
        return self._confirmed.get(entry.article_id)

    def at_its_own_address(self, reading: Reading, state: SourceState) -> Reading:
        """Return ``reading``, under the page's own address if it names that of another article.

        Some sites name one address on all their pages. A page is believed that it is the article
        known there if its item has been that article before, or its wording says so.
        """
        article = reading.article
        known = self._by_id.get(article.article_id)
        own = canonicalise(article.url)
        if known is None or own == article.canonical_url or _is_same_item(known, reading):
            return reading
        of_item = state.unconfirmed.get(reading.due.item.key) or state.seen.get(
            reading.due.item.key
        )
        if of_item and known.article_id in (of_item.article_id, of_item.other_id):
            return reading
        readdressed = {"canonical_url": own, "article_id": article_id(own)}
        return replace(reading, article=article.model_copy(update=readdressed))

    def find(self, reading: Reading, state: SourceState) -> SeenArticle | None:
        """Return what is known of the article that was read.

        It is known by its address; by its item, unless that is about something else by now; and by
        its title together with its text.
        """
        article, key = reading.article, reading.due.item.key
        if known := self._by_id.get(article.article_id):
            return known
        of_item = state.unconfirmed.get(key) or state.seen.get(key)
        if of_item and _is_same_item(of_item, reading):
            return self._by_id[of_item.article_id]
        for entry in self._by_title.get(reading.wording.title, ()):
            is_recent = entry.first_seen_at > article.fetched_at - SAME_TITLE_FOR
            if is_recent and entry.wording and is_same_story(reading.wording, entry.wording):
                return self._by_id[entry.article_id]
        return None


def _is_same_item(before: SeenArticle, reading: Reading) -> bool:
    """Return whether an item still is about the same article; some sources use a guid again."""
    try:
        by_link = article_id(canonicalise(reading.due.item.link))
    except UrlError:
        by_link = ""
    if before.article_id == by_link:
        return True
    was, said = before.wording, reading.wording
    return was is not None and (was.title == said.title or is_similar(was, said))


def _decide(reading: Reading, state: SourceState, known: _Known, taken: set[str]) -> Publish | Skip:
    article, before = reading.article, known.find(reading, state)
    if before is None:
        return _publish(reading, article, None, "published")
    is_new_item = reading.due.item.key not in state.seen
    confirmed = known.confirmed(before)
    outcome: Literal["published", "joined", "revised"] = (
        "published" if confirmed is None else "joined" if is_new_item else "revised"
    )
    if before.article_id in taken:
        return _skip(reading, before, "duplicate" if is_new_item else "unchanged")
    if not (confirmed and confirmed.revision == before.revision):
        if before.content_hash == article.content_hash:
            # A kill came before the confirmation was recorded: the same version once more.
            again = _continue(reading, before, before.revision, confirmed)
            return _publish(reading, again, before, outcome)
    elif before.content_hash == article.content_hash:
        return _skip(reading, before, "duplicate" if is_new_item else "unchanged")
    elif is_new_item and _says_the_same(before, reading):
        return _skip(reading, before, "duplicate")
    if is_unstable(before, article.fetched_at) and not reading.due.again:
        return _skip(reading, before, "duplicate" if is_new_item else "unstable")
    revised = _continue(reading, before, before.revision + 1, before)
    return _publish(reading, revised, before, outcome)


def _says_the_same(before: SeenArticle, reading: Reading) -> bool:
    was, said = before.wording, reading.wording
    return was is not None and (was.title, was.text) == (said.title, said.text)


def _continue(
    reading: Reading, before: SeenArticle, revision: int, compared: SeenArticle | None
) -> RawArticle:
    """Return what was read as a version of ``before``, strictly newer even by a clock set back."""
    was = compared.wording if compared else None
    newer = max(reading.article.fetched_at, before.last_listed_at + timedelta(milliseconds=1))
    return reading.article.model_copy(
        update={
            "article_id": before.article_id,
            "revision": revision,
            "change": what_changed(was, reading.wording) if was else None,
            "first_seen_at": before.first_seen_at,
            "fetched_at": newer,
        }
    )


def _publish(
    reading: Reading,
    article: RawArticle,
    before: SeenArticle | None,
    outcome: Literal["published", "joined", "revised"],
) -> Publish:
    revised_at = before.revised_at if before else ()
    if before and article.revision > before.revision:
        revised_at = (*revised_at, article.fetched_at)[-MAX_REVISION_TIMES:]
    entry = SeenArticle(
        article_id=article.article_id,
        item_hash=reading.due.item_hash,
        content_hash=article.content_hash,
        revision=article.revision,
        first_seen_at=article.first_seen_at,
        last_listed_at=article.fetched_at,
        wording=reading.wording,
        other_id=_other_id(reading, article.article_id),
        revised_at=revised_at,
    )
    return Publish(reading, article, entry, outcome)


def _skip(
    reading: Reading, before: SeenArticle, reason: Literal["duplicate", "unchanged", "unstable"]
) -> Skip:
    changes = {
        "item_hash": reading.due.item_hash,
        "other_id": _other_id(reading, before.article_id) or before.other_id,
        "wording": before.wording or reading.wording,
        "vain_readings": before.vain_readings + (reason == "unchanged" and not reading.due.again),
    }
    return Skip(reading, before.model_copy(update=changes), reason)


def _other_id(reading: Reading, published_as: str) -> str | None:
    by_address = reading.article.article_id
    return by_address if by_address != published_as else None
