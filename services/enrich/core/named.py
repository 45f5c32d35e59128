"""Which of the names found are meant: first the sure ones, then those that they make sure.

Offsets here are those of the comparable text: the title, a line end, the text.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from services.enrich.core.context import Context, word_after
from services.enrich.core.known import KnownEntity, Meaning, Names
from services.enrich.core.matching import Hit, leftmost_longest

_LIST_SIGNS = " ،,"
_LIST = frozenset(_LIST_SIGNS + "و")
_NEAREST = 2  # a name this close behind a title is that of its bearer, or of another one


class Named(NamedTuple):
    """One place where an entity is named; ``word_start`` is where its particles begin."""

    start: int
    end: int
    word_start: int
    entity: KnownEntity


class Found(NamedTuple):
    """The names found, in order, none overlapping another.

    ``doubtful`` are those that no neighbour shows to be names; where a form is ``ruled_out`` there
    is none.
    """

    named: list[Named]
    doubtful: list[Named]
    ruled_out: frozenset[tuple[int, int]]


def find_named(whole: str, names: Names) -> Found:
    """Return who and what is named in ``whole``."""
    context = names.context
    hits: list[Hit[Meaning]] = []
    ruled_out = []
    for hit in names.matcher.find(whole):
        if hit.value.judged and context.forbids(
            whole, hit.word_start, hit.end, whole[hit.start : hit.end]
        ):
            ruled_out.append((hit.start, hit.end))
        else:
            hits.append(hit)
    countries = Counter(hit.value.country for hit in hits)
    whole_names = [hit for hit in hits if hit.value.full]
    full = [
        _named(hit, hit.value.full[0])
        if len(hit.value.full) == 1
        else _meant(hit, countries, _listed_with(whole, whole_names, at))
        for at, hit in enumerate(whole_names)
    ]
    sure = leftmost_longest(full)
    countries = Counter(one.entity.country for one in full if one.entity.type == "LOC")
    doubtful = _outside([hit for hit in hits if hit.value.cued or hit.value.short], sure)
    cued = _cued(whole, doubtful, sure, context, countries)
    introduced = leftmost_longest([*sure, *cued]) if cued else sure
    later = _recalled(doubtful, introduced, lambda meaning: (*meaning.cued, *meaning.short))
    later += _foretold(doubtful, introduced)
    named = leftmost_longest([*introduced, *later]) if later else introduced
    titles = [hit for hit in hits if hit.value.titles]
    titled = _titled(whole, titles, named, context) if titles else []
    meant = sorted([*named, *titled], key=lambda one: one.start)
    open_ = [_named(hit, entity) for hit in doubtful for entity in hit.value.cued]
    return Found(meant, open_, frozenset(ruled_out))


def _named(hit: Hit[Meaning], entity: KnownEntity) -> Named:
    return Named(hit.start, hit.end, hit.word_start, entity)


def _meant(
    hit: Hit[Meaning], countries: Counter[str | None], beside: Collection[str | None]
) -> Named:
    """Return what ``hit`` names: of its several bearers the first whose country is spoken of.

    طرابلس is the capital of Libya, but not where Lebanon is named and Libya is not. Countries of
    ``beside``, in a list with it, come first: سوسة وصفاقس.
    """
    bearers = hit.value.full
    if near := [entity for entity in bearers if entity.country and entity.country in beside]:
        return _named(hit, near[0])
    spoken_of = (entity for entity in bearers if entity.country and countries[entity.country])
    return _named(hit, next(spoken_of, bearers[0]))


def _listed_with(text: str, hits: Sequence[Hit[Meaning]], at: int) -> set[str | None]:
    """Return the countries of the places right before and after the one ``at``, in a list."""
    return {
        hits[other].value.country
        for other, first in ((at - 1, at - 1), (at + 1, at))
        if 0 <= other < len(hits)
        and 0 < len(between := text[hits[first].end : hits[first + 1].start]) <= _NEAREST + 1
        and _LIST.issuperset(between)
    }


def _outside(hits: Iterable[Hit[Meaning]], taken: Sequence[Named]) -> list[Hit[Meaning]]:
    """Return the ``hits`` that are no part of what is ``taken``."""
    starts = [named.start for named in taken]

    def within(hit: Hit[Meaning]) -> bool:
        at = bisect_right(starts, hit.start) - 1
        return at >= 0 and taken[at].end >= hit.end

    return [hit for hit in hits if not within(hit)]


def _cued(
    text: str,
    doubtful: Iterable[Hit[Meaning]],
    sure: Iterable[Named],
    context: Context,
    countries: Counter[str | None],
) -> list[Named]:
    """Return those of the ``doubtful`` that their neighbours show to be names.

    The neighbours are a word such as مدينة, a preposition before a place where others of its
    country are named, or the sure names of a list of places. A body (مجلس النواب) is that of the
    country that is named most; a club is that, too, but beside a word of sport only.
    """
    most = max((count for country, count in countries.items() if country), default=0)

    def shown(hit: Hit[Meaning], entity: KnownEntity) -> bool:
        form = text[hit.start : hit.end]
        near = countries[entity.country] if entity.country else 0
        if context.cued(text, hit.word_start, hit.end, form, entity.type):
            return form not in context.clubs or 0 < near == most
        if form in context.clubs:
            return False
        if entity.type == "LOC":
            return near > 0 and context.located(text, hit.word_start, hit.start, form)
        return 0 < near == most

    accepted: list[Named] = []
    open_: list[Named] = []
    for hit in doubtful:
        meant = next((entity for entity in hit.value.cued if shown(hit, entity)), None)
        if meant is not None:
            accepted.append(_named(hit, meant))
        else:
            open_ += [_named(hit, entity) for entity in hit.value.cued]
    return accepted + _listed(text, open_, [*sure, *accepted])


def _listed(text: str, open_: list[Named], accepted: list[Named]) -> list[Named]:
    """Return those places of ``open_`` that stand in a list with ``accepted`` ones."""
    places = [named for named in accepted if named.entity.type == "LOC"]
    ends, word_starts = {p.end for p in places}, {p.word_start: p for p in places}
    listed = []
    for run in (open_, open_[::-1]):
        for named in run:
            if named.entity.type != "LOC" or named.word_start in word_starts:
                continue
            before, after = named.word_start, named.end
            while before and text[before - 1] in _LIST_SIGNS:
                before -= 1
            while after < len(text) and text[after] in _LIST_SIGNS:
                after += 1
            following = word_starts.get(after)
            if (before in ends and _joined(text, before, named)) or (
                following is not None and _joined(text, named.end, following)
            ):
                listed.append(named)
                ends.add(named.end)
                word_starts[named.word_start] = named
    return listed


def _joined(text: str, end: int, following: Named) -> bool:
    """Say whether a comma or an and stands between a name that ends at ``end`` and the next."""
    between = text[end : following.start]
    return "،" in between or "," in between or "و" in between


def _recalled(
    hits: Iterable[Hit[Meaning]],
    named: Sequence[Named],
    options: Callable[[Meaning], tuple[KnownEntity, ...]],
) -> list[Named]:
    """Return of each of the ``hits`` whom it means: of its ``options`` the one named last before.

    ``named`` are in order. A hit before whom nobody of them is named is left out.
    """
    last: dict[str, int] = {}
    passed = 0
    recalled = []
    for hit in sorted(hits, key=lambda hit: hit.start):
        while passed < len(named) and named[passed].start < hit.start:
            last[named[passed].entity.id] = passed
            passed += 1
        bearers = [entity for entity in options(hit.value) if entity.id in last]
        if bearers:
            recalled.append(_named(hit, max(bearers, key=lambda entity: last[entity.id])))
    return recalled


def _foretold(hits: Iterable[Hit[Meaning]], named: Iterable[Named]) -> list[Named]:
    """Return of each of the ``hits`` the first bearer who is named at all, be it later."""
    introduced = {one.entity.id for one in named}
    return [
        _named(hit, entity)
        for hit in hits
        for entity in (*hit.value.cued, *hit.value.short)
        if entity.id in introduced
    ]


def _titled(
    text: str, hits: Iterable[Hit[Meaning]], named: Sequence[Named], context: Context
) -> list[Named]:
    """Return the titles that stand for somebody: the one bearer who was named last before them.

    None where a name follows, which the title belongs to, or an adjective that makes it another's.
    """
    starts = [one.start for one in named]
    alone = [hit for hit in _outside(hits, named) if not _continues(text, hit.end, starts, context)]
    titled = leftmost_longest(_recalled(alone, named, lambda meaning: meaning.titles))
    return [one for one in titled if not _overlaps(one, named, starts)]


def _continues(text: str, end: int, starts: Sequence[int], context: Context) -> bool:
    """Say whether a name, known or not, or an adjective (السفير الإيطالي) follows at ``end``."""
    at = bisect_right(starts, end)
    if at < len(starts) and starts[at] - end <= _NEAREST:
        return True
    following = word_after(text, end)
    return following in context.not_alone or (
        following.startswith("ال") and following.endswith(("ي", "يه"))
    )


def _overlaps(one: Named, named: Sequence[Named], starts: Sequence[int]) -> bool:
    at = bisect_right(starts, one.end - 1) - 1
    return at >= 0 and named[at].end > one.start
