"""Capitalised words in a row, cut into what may each be one name."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.enrich.core.known import KnownEntity
from services.enrich.core.latin.vocabulary import (
    BODY,
    CALENDAR,
    DEMONYM,
    DEPARTMENT,
    FIRM,
    FUNCTION,
    HEAD,
    NEVER,
    PARTICLE,
    TITLE,
    Vocabulary,
)

CAPITALS = "".join(
    letter for code in (*range(0x250), *range(0x1E00, 0x1F00)) if (letter := chr(code)).isupper()
)
_LETTER = r"[^\W_]"
ARTICLE = r"(?:(?:[ae]l|[ae]sh?|[ae]t|[ae]n|[ae]r|[ae]d|[ae]z|ech|edh|adh|ath)[-‐])"
_WITHIN = (
    rf"(?:{ARTICLE}|(?:(?:sur|sous|l[eè]s|en|de|du|des|la|le|aux|et|upon|on|in|d)[-‐]){{1,2}})"
)
_SHORTENED = (
    r"(?<=\b(?:Dr|Mr|Ms|Lt|St|Mt|Av|Jr|Sr))|(?<=\b(?:Mrs|Gen|Col|Maj|Sgt|Rev|Hon|Ste|Sig|Doç|Yrd))"
    r"|(?<=\b(?:Prof|Capt))"
)
_WORD = (
    rf"[{CAPITALS}](?:\.(?:[{CAPITALS}]\.)*|{_LETTER}*(?:[-‐]{_WITHIN}?[{CAPITALS}]{_LETTER}*"
    rf"|['’][{CAPITALS}]{_LETTER}+)*(?:(?:{_SHORTENED})\.)?)"
)
_LINKS = (
    "of|the|for|and|de|du|des|d['’]|la|le|les|di|del|della|dello|delle|degli|dei|do|da|dos|das"
    "|van|von|der|den|ter|ten|bin|ben|ibn|bint|abu|ould|wuld|el|al|y|e|et|ed|ve|per|pour|zu"
)
_BETWEEN = rf"[ \u00a0](?:(?:{_LINKS})[ \u00a0]){{0,3}}(?:(?:d|l|dell|all|nell|sull)['’])?(?:& )?"
# A capital is looked for first, then what stands before it: so the search skips to capitals.
_BEGINNING = rf"(?=[{CAPITALS}])(?<![\w@#.])(?<![\w/]/)"  # not within an address
_RUN = re.compile(rf"{_BEGINNING}{_WORD}(?:{_BETWEEN}{ARTICLE}?{_WORD})*")
_PART = re.compile(rf"{ARTICLE}?{_WORD}")
_ELIDED = re.compile(
    r"(?:[LDJCSNMT]|Qu|Dell|All|Nell|Sull|Dall|Un|Quest|Quell|Anch|Com|Dov|Cos)['’]"
)
_HYPHENS = ("-", "‐")
_COMPOUND = re.compile("[-‐][a-z]")
"""Wagner-backed, pro-Haftar: no names, although one may be in them."""
_ARTICLE_BEFORE = re.compile(rf"(?<!{_LETTER}){ARTICLE}$")

_ENDS = ".!?…:;؟\n"
_OPENING = " \u00a0\"'“”«»„(‘’[–—-•*"
_TOKEN = re.compile(r"\w+")
_BEFORE = 32
_OF = frozenset(
    ("of", "de", "du", "des", "del", "della", "dell", "dello", "degli", "dei", "di", "d", "l")
)
_AND = frozenset(("and", "et", "e", "ed", "ve", "y"))
_NO_PART = frozenset(("the", "a", "an"))
_OF_PEOPLE = frozenset({
    "van", "von", "der", "den", "ter", "ten", "zu", "bin", "ben", "ibn", "bint", "abu", "ould",
    "wuld", "el", "al", "del", "della", "dello", "dei", "degli", "do", "da", "dos", "das", "la",
    "le", "de", "d", "di", "du",
})  # fmt: skip
_IN_NAMES_ANYWHERE = frozenset(
    ("bin", "ben", "ibn", "bint", "abu", "ould", "el", "al", "van", "von")
)
"""What else links names is another word in languages whose bodies have no such links: da, de."""
_BEGIN_SURNAMES = frozenset(("de", "di"))
_DOUBTFUL = frozenset(("de", "d", "di", "du"))
"""Of the small words within names of people those that may come from outside after a surname."""
_NEVER_ALONE = FUNCTION | TITLE | CALENDAR | NEVER | DEPARTMENT | DEMONYM
_MOST_WORDS = 12
_LONGEST_HEADING = 160
_CAPITALISED = 0.7
_SHORT = 4


class Page(NamedTuple):
    """A text, the same folded, letter for letter, and the words of its language."""

    text: str
    fold: str
    vocabulary: Vocabulary


class Taken(NamedTuple):
    """A known name in the text, and who or what bears it."""

    start: int
    end: int
    entity: KnownEntity


class Word(NamedTuple):
    """A capitalised word, with what it can be, what links it to the one before, who is known."""

    start: int
    end: int
    fold: str
    kinds: int
    links: tuple[str, ...]
    taken: Taken | None


class Piece(NamedTuple):
    """Words that may be one name. ``opens``: at the start of a sentence, where all words do so."""

    words: tuple[Word, ...]
    opens: bool = False
    titled: bool = False


def pieces(page: Page, known: Sequence[Taken]) -> Iterator[Piece]:
    """Yield what may be names in a text, in order. ``known`` are in order, none overlapping.

    One of them by itself may be part of a name only after a word such as université.
    """
    read = page.vocabulary.read
    starts = [taken.start for taken in known]
    for run in _runs(page.text):
        start, end = run.span()
        found = run.group()
        last = bisect_right(starts, end - 1) - 1
        within: Sequence[Taken] = ()
        if last >= 0 and known[last].end > start:
            if known[last].start == start and known[last].end == end:
                if page.fold.endswith(page.vocabulary.before_own, max(start - _BEFORE, 0), start):
                    yield Piece((Word(start, end, "", 0, (), known[last]),))
                continue
            within = known[max(bisect_right(starts, start) - 1, 0) : last + 1]
        elif found.isalpha() and read(found)[1] & _NEVER_ALONE:
            continue
        words = _words(page, start, end, within)
        if len(words) > 1:
            yield from _cut(words, page)
        elif not words[0].kinds & _NEVER_ALONE:
            yield _piece(words, page.text, False)


def _runs(text: str) -> Iterator[re.Match[str]]:
    """Yield the runs of capitalised words, but for headings and the place an article is sent from.

    Those have capitals for standing where they do.
    """
    line_start, line_end, skipped = 0, -1, False
    for run in _RUN.finditer(text):
        start, end = run.span()
        if start > line_end:
            line_start = text.rfind("\n", max(line_end, 0), start) + 1
            line_end = text.find("\n", start)
            line_end = len(text) if line_end < 0 else line_end
            skipped = _is_heading(text[line_start:line_end])
        if skipped or (start == line_start and end - start > _SHORT and run.group().isupper()):
            continue
        yield run


def opens_sentence(text: str, start: int) -> bool:
    """Say whether what begins at ``start`` begins a sentence or a quotation."""
    if start > 1 and text[start - 1] == " " and text[start - 2].isalnum():
        return False
    at = start
    while at and start - at < _SHORT and text[at - 1] in _OPENING:
        at -= 1
    if at == 0 or text[at - 1] in _ENDS:
        return True
    return text[at - 1] == "," and any(sign in '"“«„' for sign in text[at:start])


def _is_heading(line: str) -> bool:
    """Say whether all words of ``line`` have capitals for being in it."""
    if line.isupper():
        return True
    if len(line) > _LONGEST_HEADING or line.rstrip()[-1:] in '.!?…"”»':
        return False
    long = [word for word in line.split() if len(word) >= _SHORT and word[0].isalpha()]
    return len(long) >= _SHORT and sum(w[0].isupper() for w in long) > _CAPITALISED * len(long)


def _words(page: Page, start: int, end: int, known: Sequence[Taken]) -> list[Word]:
    """Return the words of a run, without what is joined to them by an apostrophe or a hyphen.

    ``known`` are those names that stand in the run, in order.
    """
    text, vocabulary = page.text, page.vocabulary
    if start and text[start - 1] in _HYPHENS:
        article = _ARTICLE_BEFORE.search(text, max(start - 5, 0), start)
        start = article.start() if article else start
    words: list[Word] = []
    before, next_known = start, 0
    for found in _PART.finditer(text, start, end):
        begin, finish = found.span()
        between = text[before:begin]
        links = () if between in ("", " ") else _links(page.fold[before:begin])
        if vocabulary.elides and (elided := _ELIDED.match(text, begin, finish)):
            begin, links = elided.end(), ("l",)
        folded, kinds = vocabulary.read(text[begin:finish])
        if finish == end and text[end : end + 1] in _HYPHENS and _COMPOUND.match(text, end):
            kinds = NEVER
        while next_known < len(known) and known[next_known].end <= begin:
            next_known += 1
        taken = None
        for at in range(next_known, len(known)):
            if known[at].start >= finish:
                break
            taken = known[at]
        words.append(Word(begin, finish, folded, kinds, links, taken))
        before = finish
    return words


def _links(between: str) -> tuple[str, ...]:
    return tuple(between.replace("'", " ").split())


def _cut(run: list[Word], page: Page) -> Iterator[Piece]:
    """Yield the pieces of a run: titles, days, small words of a sentence's start cut off."""
    text = page.text
    current: list[Word] = []
    titled = _of_office(page, run)
    for at in range(titled, len(run)):
        word = run[at]
        if current and not _joined(current, word, page.vocabulary.heads_last):
            yield _piece(current, text, titled)
            current, titled = [], False
        if not current and word.links and not word.kinds & DEPARTMENT:
            titled = False
        if word.kinds & TITLE and not _belongs(run, at):
            if not all(w.kinds & (DEPARTMENT | DEMONYM | TITLE) for w in current):
                yield _piece(current, text, False)
            current, titled = [], True
        elif _is_no_part(text, run, at, current):
            if current:
                yield _piece(current, text, titled)
            current, titled = [], False
        elif current or not (word.kinds & DEPARTMENT and titled):
            current.append(word)
    if current:
        yield _piece(current, text, titled)


def _piece(words: list[Word], text: str, titled: bool) -> Piece:
    return Piece(tuple(words), not titled and opens_sentence(text, words[0].start), titled)


def _is_no_part(text: str, run: Sequence[Word], at: int, current: Sequence[Word]) -> bool:
    """Say whether the word at ``at`` is in no name, as days and small words are.

    A small word is in one within it, and where it has a capital in the middle of a sentence: La
    Voce, Two Harbors.
    """
    word = run[at]
    if not word.kinds & FUNCTION:
        return bool(word.kinds & (CALENDAR | NEVER))
    followed = at + 1 < len(run) and not run[at + 1].links
    if followed and word.fold in _BEGIN_SURNAMES and run[at + 1].taken is None:
        return False
    if current and (word.kinds & PARTICLE or not word.links):
        return word.fold in _NO_PART
    return not followed or word.fold in _NO_PART or opens_sentence(text, word.start)


def _of_office(page: Page, run: Sequence[Word]) -> bool:
    """Say whether the first word is part of an office: presidente del Consiglio Giorgia Meloni."""
    if len(run) < 2 or run[1].links or not run[0].kinds & (HEAD | DEPARTMENT):
        return False
    start = run[0].start
    *_, office, of = ("", "", *_TOKEN.findall(page.fold, max(0, start - _BEFORE), start))
    return of in _OF and bool(page.vocabulary.kind(office) & TITLE)


def _belongs(run: Sequence[Word], at: int) -> bool:
    """Say whether the title at ``at`` is in a body's name: General Authority, King … Road."""
    last = at
    while last + 1 < len(run) and not run[last + 1].links and last - at < _SHORT:
        last += 1
    if last == at:
        beside = at > 0 and not run[at].links
        return beside and bool((run[at].kinds | run[at - 1].kinds) & HEAD)
    return bool(run[last].kinds & HEAD or run[at + 1].kinds & BODY)


def _joined(current: Sequence[Word], word: Word, heads_last: bool) -> bool:
    """Say whether ``word`` goes on the name of ``current``, by the small words between them."""
    if len(current) >= _MOST_WORDS:
        return False
    links = word.links
    if not links or links == ("&",):
        return True
    if heads_last and not _IN_NAMES_ANYWHERE.issuperset(links):
        return False
    if word.taken is not None and word.taken.entity.type not in ("LOC", "PER"):
        return False
    if any(link in _AND for link in links):
        return bool(word.kinds & DEPARTMENT and current[-1].kinds & (DEPARTMENT | BODY))
    if current[-1].kinds & HEAD and not current[-1].kinds & FIRM:
        return True
    if len(current) > 1 and not _DOUBTFUL.isdisjoint(links):
        return False
    return _OF_PEOPLE.issuperset(links) and word.taken is None and current[-1].taken is None
