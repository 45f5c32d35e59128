"""Who is meant by a surname alone: the person who bore it when named in full.

Offsets are those of the comparable text, as in `named`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from services.enrich.core.context import Context, word_before
from services.enrich.core.known import KnownEntity, is_name_of
from services.enrich.core.matching import Hit, Matcher, particles_before
from services.enrich.core.named import Named
from services.enrich.core.patterns import Patterns, Span

_RARE = 5
"""A surname read more often is a word: it stands for its bearer behind a title or a verb only."""
_SHORTEST = 3
_FEW = 30
_ON = "علي"  # «على» in the comparable text
_ORDINALS = frozenset(("الاول", "الثاني", "الثالث", "الرابع", "الخامس", "السادس", "السابع"))
"""Of kings and popes: nobody's surname."""


class Other(NamedTuple):
    """A name that no list has, and the ``form`` that tells whom it means from others."""

    span: Span
    form: str


class _Bearer(NamedTuple):
    start: int
    form: str
    entity: KnownEntity | None


def resolve_surnames(
    text: str,
    known: Sequence[Named],
    others: Sequence[Span],
    patterns: Patterns,
    context: Context,
) -> tuple[list[Named], list[Other]]:
    """Return ``known`` and ``others`` with the surnames that stand alone for one of them.

    Both are in order, and none overlaps another.
    """
    bearers = _bearers(text, known, others, patterns, context)
    if not bearers:
        return list(known), [Other(span, text[span.start : span.end]) for span in others]
    single = [
        (span.start, span.end)
        for span in others
        if span.type == "PER" and " " not in text[span.start : span.end]
    ]
    known = _without_others(text, known, bearers)
    fixed = [(name.start, name.end) for name in known]
    fixed += ((span.start, span.end) for span in others)
    fixed = sorted({*fixed}.difference(single))
    replaced: set[tuple[int, int]] = set()
    named = list(known)
    resolved = []
    for hit in _find(text, bearers):
        if _over(hit.start, hit.end, fixed):
            continue
        tag = _over(hit.start, hit.end, single)
        if tag is None and not _stands_alone(text, hit, patterns, context):
            continue
        bearer = _bearer(bearers[hit.value], hit.start)
        if tag is not None:
            replaced.add(tag)
        if bearer.entity is not None:
            named.append(Named(hit.start, hit.end, hit.word_start, bearer.entity))
        else:
            resolved.append(Other(Span(hit.start, hit.end, "PER", hit.end), bearer.form))
    resolved += [
        Other(span, text[span.start : span.end])
        for span in others
        if (span.start, span.end) not in replaced
        and not (span.type == "PER" and text[span.start : span.end] in context.not_alone)
    ]
    return sorted(named, key=lambda one: one.start), sorted(resolved)


def _without_others(
    text: str, known: Sequence[Named], bearers: Mapping[str, Sequence[_Bearer]]
) -> list[Named]:
    """Return ``known`` without surnames whose bearer is another, named before.

    Behind Imran Gaddafi, where nobody else was called Gaddafi before him, the surname is his.
    """
    met: set[str] = set()
    kept = []
    for one in known:
        others = bearers.get(text[one.start : one.end])
        if (
            others
            and one.entity.type == "PER"
            and one.entity.id not in met
            and others[0].entity is None
            and others[0].start < one.start
        ):
            continue
        met.add(one.entity.id)
        kept.append(one)
    return kept


def _bearers(
    text: str,
    known: Iterable[Named],
    others: Iterable[Span],
    patterns: Patterns,
    context: Context,
) -> dict[str, list[_Bearer]]:
    """Return who bears each surname, in the order of the text.

    Of known people only those whose surname is a word as well: `named` knows the others by it.
    """
    bearers: dict[str, list[_Bearer]] = {}
    for start, end, entity in sorted(
        [(name.start, name.end, name.entity) for name in known if name.entity.type == "PER"]
        + [(span.start, span.end, None) for span in others if span.type == "PER"],
        key=lambda person: person[0],
    ):
        form = text[start:end]
        surname = _surname(form, patterns)
        if len(surname) < _SHORTEST or surname == _ON or surname in _ORDINALS:
            continue
        if entity is None or (surname in context.not_alone and is_name_of(entity, form)):
            bearers.setdefault(surname, []).append(_Bearer(start, form, entity))
    return bearers


def _find(text: str, surnames: Collection[str]) -> Iterable[Hit[str]]:
    """Yield where ``surnames`` are, with what is written onto them."""
    if len(surnames) > _FEW:  # for all of them at once the way is longer, but no more than that
        yield from Matcher({surname: surname for surname in surnames}).find(text)
        return
    for surname in surnames:
        at = text.find(surname)
        while at >= 0:
            end = at + len(surname)
            word = particles_before(text, at)
            if word is not None and not text[end : end + 1].isalnum():
                yield Hit(at, end, word, surname)
            at = text.find(surname, end)


def _surname(form: str, patterns: Patterns) -> str:
    """Return the last part of a name (عبد العاطي of هدى عبد العاطي); "" of one of a single part."""
    *given, last = form.split(" ")
    if given and (given[-1] in patterns.words.joiners or last in patterns.words.completions):
        last = f"{given.pop()} {last}"
    return last if given else ""


def _over(start: int, end: int, ranges: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """Return the one of ``ranges``, which are in order, that touches ``start`` to ``end``."""
    at = bisect_left(ranges, (end, 0)) - 1
    return ranges[at] if at >= 0 and ranges[at][1] > start else None


def _stands_alone(text: str, hit: Hit[str], patterns: Patterns, context: Context) -> bool:
    """Say whether the surname ``hit`` is no word there: it never is, or what precedes tells."""
    if word_before(text, hit.word_start) in patterns.introducing:
        return True
    words = patterns.words
    return (
        patterns.lexicon.counts.get(hit.value, 0) <= _RARE
        and hit.value not in context.not_alone
        and hit.value not in words.given
        and hit.value not in words.given_or_word
    )


def _bearer(people: Sequence[_Bearer], at: int) -> _Bearer:
    """Return the one of ``people`` named last before ``at``, or the first."""
    before = bisect_right(people, at, key=lambda one: one.start)
    return people[max(before - 1, 0)]
