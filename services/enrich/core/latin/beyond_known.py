"""Names that are more than what is known of them: Nabila Gaddafi, University of Chicago."""

import re
from collections.abc import Sequence
from itertools import groupby

from services.enrich.core.latin.evidence import named_after_kind, tokens_before
from services.enrich.core.latin.given_names import may_be_called
from services.enrich.core.latin.runs import Page, Piece, Word
from services.enrich.core.latin.vocabulary import HEAD, PERSONAL

_BEFORE = 40
_OWN = 4
SURNAMES = ("LOC", "GROUP")
"""What a surname can be called after: a town, a tribe."""


def beyond_known(page: Page, piece: Piece) -> list[Piece]:
    """Return the parts of ``piece`` that are not known; all of it if it is more than what is known.

    Aisha Gaddafi is not Muammar Gaddafi, nor the University of Chicago a town.
    """
    words = piece.words
    for word in words:
        if word.taken is not None:
            break
    else:
        return [piece]
    if _covers(page, piece) or _is_called_after_place(piece):
        return [piece]
    if len(words) == 1:
        return []
    return [piece] if _is_another(piece) else _between(piece)


def _between(piece: Piece) -> list[Piece]:
    """Return what stands between the known names of ``piece`` and may be names.

    What stands right beside a known person is of the same name, spelt in another way.
    """
    first = piece.words[0]
    parts = []
    for taken, group in groupby(piece.words, key=lambda word: word.taken and word.taken.start):
        words = tuple(group)
        if taken is None and (len(words) > 1 or words[0].kinds & PERSONAL or words[0].links):
            begins = words[0] is first
            parts.append(Piece(words, piece.opens and begins, piece.titled and begins))
    return [part for part in parts if not _beside_person(part, piece)]


def _beside_person(part: Piece, whole: Piece) -> bool:
    at = whole.words.index(part.words[-1]) + 1
    if at == len(whole.words) or whole.words[at].links:
        return False
    following = whole.words[at].taken
    return following is not None and following.entity.type == "PER"


def _covers(page: Page, piece: Piece) -> bool:
    """Say whether a word for its kind makes ``piece`` more than the names that it holds."""
    words = piece.words
    start, end = words[0].start, words[-1].end
    if any(one.taken and not start <= one.taken.start < one.taken.end <= end for one in words):
        return False
    unknown = [word for word in words if word.taken is None]
    if any(word.kinds & HEAD for word in unknown):
        return True
    if not unknown and not page.vocabulary.own_bodies:
        return False
    before = tokens_before(page, start)
    return own_body(page, start, before) is not None or (
        bool(unknown) and named_after_kind(before, page.vocabulary)
    )


def own_body(page: Page, start: int, before: Sequence[str]) -> re.Match[str] | None:
    """Return the small word for its kind that belongs to the name at ``start``, if one does.

    ``before`` are the words before it.
    """
    if page.vocabulary.own_bodies.isdisjoint(before[-_OWN:]):
        return None
    return page.vocabulary.own_body.search(page.fold, max(0, start - _BEFORE), start)


def _goes_on(first: Word, others: Sequence[Word]) -> bool:
    """Say whether what is known as a surname is here the first of several names: Belhaj Ali."""
    alone = first.taken is not None and first.taken[:2] == (first.start, first.end)
    return alone and all(
        word.taken is None and not word.links and bool(word.kinds & PERSONAL) for word in others
    )


def _is_called_after_place(piece: Piece) -> bool:
    """Say whether ``piece`` is a place and one word beside it, no name of people: Air Sahel."""
    if len(piece.words) != 2 or piece.words[1].links or piece.titled:
        return False
    first, last = piece.words
    known, other = (first, last) if first.taken else (last, first)
    taken = known.taken
    if taken is None or other.taken is not None or taken.entity.type != "LOC":
        return False
    return not other.kinds and not (piece.opens and other is first)


def _is_another(piece: Piece) -> bool:
    """Say whether ``piece`` is a person of whose name another's, or a place's, is the end."""
    if len(piece.words) == 1:
        return False
    first, *between, last = piece.words
    taken = last.taken
    if first.taken is not None and first.taken.entity.type == "PER":
        return _goes_on(first, (*between, last))
    if taken is None or any(word.taken for word in (first, *between)):
        return False
    if not first.kinds & PERSONAL and (taken.entity.type != "PER" or first.kinds or piece.opens):
        return False
    if taken.end > last.end or taken.start < last.start or last.links or len(piece.words) > 3:
        return False
    another = not may_be_called(taken.entity, first.fold)
    return taken.entity.type in ("PER", *SURNAMES) and another
