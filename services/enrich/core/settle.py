"""Which names are meant where known ones, and those that no list has, overlap.

Offsets are those of the comparable text, as in `named`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from services.enrich.core.bodies import find_bodies, is_body
from services.enrich.core.context import Context
from services.enrich.core.known import is_name_of
from services.enrich.core.matching import leftmost_longest
from services.enrich.core.named import Found, Named
from services.enrich.core.patterns import LONGEST_NAME, Patterns, Span
from services.enrich.core.people import find_people
from services.enrich.core.surnames import Other, resolve_surnames


class Settled(NamedTuple):
    """What a text names: ``known`` entities, and ``others``.

    ``within`` are known names that are part of a longer one (مستشفى مصراتة المركزي).
    """

    known: list[Named]
    others: list[Other]
    within: list[Named]


def settle(
    text: str,
    found: Found,
    tagged: Iterable[Span],
    patterns: Patterns,
    context: Context,
    means_on: Callable[[int], bool],
) -> Settled:
    """Return who and what ``text`` names: of the known names ``found`` and those ``tagged``.

    ``means_on`` says of the علي at an offset whether the article has «على» there.
    """
    hits = sorted(patterns.matcher.find(text))
    people = list(find_people(text, hits, patterns, means_on))
    names: list[Named | Span] = [*people, *found.doubtful, *found.named]
    begins = {name.start: name for name in names}
    bodies = find_bodies(text, hits, begins, patterns)
    tags = [span for span in tagged if (span.start, span.end) not in found.ruled_out]
    named = _confirmed(found, tags)
    people = list(_lengthened(text, people, tags))
    spans = leftmost_longest([*people, *bodies])
    spans = sorted([*spans, *_outside(tags, spans)])
    spans = [span for span in spans if span.end - span.start <= LONGEST_NAME]
    known, others, within = _contest(text, named, spans, patterns)
    known, named_others = resolve_surnames(text, known, others, patterns, context)
    return Settled(known, named_others, within)


def _confirmed(found: Found, tags: Iterable[Span]) -> list[Named]:
    """Return the names ``found``, with the doubtful ones that are tagged as what they would be."""
    if not found.doubtful:
        return found.named
    types = {(tag.start, tag.end): tag.type for tag in tags}
    confirmed: dict[int, Named] = {}
    for name in found.doubtful:
        type_ = types.get((name.start, name.end))
        if type_ == name.entity.type or (type_ == "ORG" and name.entity.type == "GROUP"):
            confirmed.setdefault(name.start, name)
    taken = {name.start for name in found.named}
    more = [name for start, name in confirmed.items() if start not in taken]
    return sorted([*found.named, *more], key=lambda name: name.start) if more else found.named


def _lengthened(text: str, people: Sequence[Span], tags: Iterable[Span]) -> Iterator[Span]:
    """Yield ``people``; where a tag sees one of them too, it says what belongs to the name."""
    starts = [person.start for person in people]
    ends = {person.start: person.end for person in people}
    for tag in tags:
        at = bisect_left(starts, tag.end) - 1
        if at < 0 or tag.type != "PER":
            continue
        person = people[at]
        alone = " " not in text[person.start : tag.end]
        if tag.start <= person.start and tag.end >= person.sure_end and not alone:
            ends[person.start] = tag.end if " و" not in text[person.end : tag.end] else person.end
    for person in people:
        yield person._replace(end=ends[person.start])


def _outside(tags: Iterable[Span], spans: Sequence[Span]) -> Iterator[Span]:
    """Yield the ``tags`` that touch none of ``spans``, which are in order."""
    starts = [span.start for span in spans]
    for tag in tags:
        at = bisect_left(starts, tag.end) - 1
        if at < 0 or spans[at].end <= tag.start:
            yield tag


def _contest(
    text: str, named: Sequence[Named], spans: Iterable[Span], patterns: Patterns
) -> tuple[list[Named], list[Span], list[Named]]:
    """Return the known names that are meant, the others, and the known ones within these."""
    starts = [name.start for name in named]
    longer: dict[int, Named] = {}
    within: set[int] = set()
    others = []
    for span in spans:
        first = max(bisect_right(starts, span.start) - 1, 0)
        last = bisect_left(starts, span.end)
        over = [at for at in range(first, last) if named[at].end > span.start]
        if not over:
            others.append(span)
            continue
        inner = named[over[-1]]
        begins, ends = named[over[0]].start, inner.end
        whole = text[span.start : span.end]
        if not span.wins or begins < span.start or ends > span.end:
            continue
        if span.type == "PER":
            if begins == span.start and ends >= span.sure_end and inner.entity.type == "PER":
                continue
        elif begins == span.start and whole.rpartition(" ")[2] in patterns.words.arms:
            longer[over[-1]] = inner._replace(end=span.end)
            continue
        elif begins == span.start or not _may_hold(inner, span, whole, patterns):
            continue
        within.update(over)
        if is_name_of(inner.entity, whole) or _names_kind(inner, span, whole, patterns):
            longer[over[-1]] = Named(span.start, span.end, span.start, inner.entity)
        else:
            others.append(span)
    gone = within - longer.keys()
    meant = [longer.get(at, name) for at, name in enumerate(named) if at not in gone]
    hidden = [named[at] for at in sorted(gone)]
    return meant, others, [name for name in hidden if name.entity.type != "PER"]


def _may_hold(inner: Named, span: Span, whole: str, patterns: Patterns) -> bool:
    """Say whether ``span`` is more than a kind and a body that is named without it."""
    return _names_kind(inner, span, whole, patterns) or not (
        is_body(inner) and inner.end == span.end
    )


def _names_kind(inner: Named, span: Span, whole: str, patterns: Patterns) -> bool:
    """Say whether ``span`` is ``inner`` with the word for its kind (قناة ليبيا الأحرار)."""
    return (
        span.type == "ORG"
        and is_body(inner)
        and inner.end == span.end
        and whole.partition(" ")[0] in patterns.words.bodies_with_names
    )
