"""What the tagger of names sees of the words of a sentence: attributes, each a short string.

Everything that one word shows by itself is worked out once and serves wherever the word stands:
for itself, and as the neighbour of others. Only what two or three words show together is worked
out in place. All words are normalised ones.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

JOINED = "|"
"""What stands between the kinds of words that show something together."""
BETWEEN = "\t"
"""What stands between two neighbours, a stem and a kind or two stems: in no word there is one."""

PLACES = ("", "<", ">", "<<", ">>")
"""What stands before an attribute that is a word's own, and before what the word before it lends
it, the word after it, the last but one and the next but one."""

_ARTICLE = "ال"
_AND_THE = "وال"
_SHORT = 5
_BORNE = 2
"""From this familiarity on a name is more than one line of a list."""
_FAMILIAR = 2
"""As often as this a word must have been read for its identity to say something."""
_ARABIC = re.compile("[\u0621-\u064a]+")
_NUMBER = re.compile("[0-9][0-9.,:%]*")
_MARK_OF_KIND = ("title", "body", "site", "says", "nation", "country")
"""The marks that say more of a word than that it can be a name, the strongest first."""
_WEIGHT_OF_MARK = {"country": 5, "place": 3, "given": 1, "name4": 5, "name3": 3, "name2": 1}


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What is known of words.

    ``counts``: how often each was read in the training texts. ``marks``: what lists say of it, such
    as "title", "place", "name3". ``phrases``: names of several words, joined by spaces, and the
    marks of what they name. ``letters``: of three letters in a row, how much likelier they are in
    names than in other words, as 100 times the logarithm. ``beginnings``: of
    phrases by their first word and their second one the length of the longest, in words.
    """

    counts: Mapping[str, int]
    marks: Mapping[str, tuple[str, ...]]
    phrases: Mapping[str, tuple[str, ...]]
    letters: Mapping[str, int]
    beginnings: Mapping[str, Mapping[str, int]]

    @classmethod
    def of(
        cls,
        counts: Mapping[str, int],
        marks: Mapping[str, tuple[str, ...]],
        phrases: Mapping[str, tuple[str, ...]],
        letters: Mapping[str, int],
    ) -> "Lexicon":
        """Return the lexicon of these words and phrases."""
        beginnings: dict[str, dict[str, int]] = {}
        for phrase in phrases:
            first, second, *others = phrase.split(" ")
            longest = beginnings.setdefault(first, {})
            longest[second] = max(longest.get(second, 0), 2 + len(others))
        return cls(counts, marks, phrases, letters, beginnings)

    def familiarity(self, word: str) -> int:
        """Return how likely it is that ``word`` is one, and not a particle and another word."""
        marks = self.marks.get(word, ())
        return self.counts.get(word, 0) + sum(_WEIGHT_OF_MARK.get(mark, 0) for mark in marks)


class Traits(NamedTuple):
    """A word taken by itself: without its particles, its kind, and its attributes.

    ``own`` are those it has where it stands, ``near`` and ``far`` those it lends to a neighbour and
    to the next but one. ``openings`` are the first words of phrases that it can be.
    """

    word: str
    stem: str
    kind: str
    own: tuple[str, ...]
    near: tuple[str, ...]
    far: tuple[str, ...]
    openings: tuple[str, ...]


EDGE = Traits("", "", "^", (), ("^",), (), ())
"""What stands before and after a sentence."""


def split_particles(word: str, lexicon: Lexicon) -> tuple[str, str]:
    """Return the particles before ``word`` and the rest of it, as the best known words have it."""
    best, most = ("", word), 2 * lexicon.familiarity(word)
    for particles, stem in _splits(word):
        familiarity = lexicon.familiarity(stem)
        if familiarity > most:
            best, most = (particles, stem), familiarity
    return best


def _splits(word: str) -> Iterable[tuple[str, str]]:
    for conjunction in ("", "و", "ف"):
        if not word.startswith(conjunction):
            continue
        rest = word[len(conjunction) :]
        if conjunction and len(rest) > 2:
            yield conjunction, rest
        if rest[:1] in ("ب", "ك", "ل", "س") and len(rest) > 3:
            yield conjunction + rest[0], rest[1:]
        if rest.startswith("لل") and len(rest) > 4:
            yield conjunction + "ل", _ARTICLE + rest[2:]


def particles_of_name(word: str, stem: str, lexicon: Lexicon) -> int:
    """Return how many letters before a name that begins with ``word`` are particles.

    Where nobody has read ``word`` but with ``stem`` in it, few having that name (ليندستروم), it is
    the name; where nobody has read any of it, و before ال is no part of a name (والسواني).
    """
    if word == stem:
        unread = word.startswith(_AND_THE) and lexicon.familiarity(word) == 0
        return 1 if unread and len(word) > _SHORT else 0
    particles = len(word) - len(stem)
    if particles == 1 and word[0] in "بكل" and lexicon.familiarity(stem) < _BORNE:
        return 0
    # Of للأمم the article is a particle too: it is melted into the one before it.
    return particles + (0 if word.endswith(stem) else 2)


def describe(word: str, lexicon: Lexicon) -> Traits:
    """Return what ``word`` shows by itself."""
    particles, stem = split_particles(word, lexicon)
    definite = stem.startswith(_ARTICLE) and len(stem) > 4
    core = stem[2:] if definite else stem
    marks = lexicon.marks.get(stem, ())
    count = lexicon.counts.get(stem, 0)
    shape = _shape(word)
    kind = _kind(word, shape, marks, definite, count)
    shared = [f"shape={shape}", f"the={definite:d}", f"often={_magnitude(count)}", f"kind={kind}"]
    shared += [f"before={particles}", *(f"is={mark}" for mark in marks)]
    if count >= _FAMILIAR:
        shared.append(f"stem={stem}")
    if lexicon.counts.get(word, 0) >= _FAMILIAR:
        shared.append(f"word={word}")
    if shape == "arabic":
        likeness = _likeness(core, lexicon)
        shared.append(f"sounds={likeness}")
        if count < _FAMILIAR:
            shared.append(f"unread sounds={likeness} {definite:d}")
    own = [*shared, f"length={min(len(stem), 8)}", f"all={' '.join(marks)}"]
    if definite:
        own += [f"the is={mark}" for mark in lexicon.marks.get(core, ())]
    if shape == "arabic":
        shared += [f"ends={core[-2:]}", f"ends={core[-3:]}", f"begins={core[:2]}"]
        own += _letters(core, rare=count <= _FAMILIAR)
    far = [f"kind={kind}"]
    if count >= _FAMILIAR:
        far.append(f"stem={stem}")
    openings = tuple(dict.fromkeys(at for at in (word, stem) if at in lexicon.beginnings))
    return Traits(word, stem, kind, tuple(own), tuple(shared), tuple(far), openings)


def triples(word: str) -> list[str]:
    """Return the runs of three letters in ``word``, with its beginning and its end."""
    padded = f"<{word}>"
    return [padded[at : at + 3] for at in range(len(padded) - 2)]


def _likeness(word: str, lexicon: Lexicon) -> int:
    """Return how much ``word`` sounds like a name: from -6 to 6."""
    found = [lexicon.letters.get(triple, 0) for triple in triples(word)]
    return max(-6, min(6, round(sum(found) / len(found) / 30)))


def _shape(word: str) -> str:
    if _ARABIC.fullmatch(word):
        return "arabic"
    if _NUMBER.fullmatch(word):
        return "number"
    if word[0].isalpha():
        return "Latin" if word[0].isupper() else "latin"
    return "sign"


def _kind(word: str, shape: str, marks: Sequence[str], definite: bool, count: int) -> str:
    """Return the class of words that ``word`` belongs to: a few dozen in all."""
    if shape != "arabic":
        return word if shape == "sign" else shape
    for mark in _MARK_OF_KIND:
        if mark in marks:
            return mark
    kind = "name" if any(mark[:4] in ("name", "give", "pers") for mark in marks) else ""
    kind += "place" if "place" in marks else ""
    return (kind or ("definite" if definite else "word")) + ("" if count < _FAMILIAR else "+")


def _magnitude(count: int) -> int:
    """Return 0 for an unread word, then 1 more with every factor of four."""
    return (count.bit_length() + 1) // 2


def _letters(core: str, rare: bool) -> list[str]:
    letters = [f"begins={core[:n]}" for n in (1, 2, 3)]
    letters += [f"ends={core[-n:]}" for n in (1, 2, 3, 4)]
    if rare:
        letters += [f"rare begins={core[:2]}", f"rare ends={core[-2:]}"]
    return letters


def kinds_together(a: str, b: str, c: str, d: str) -> tuple[str, ...]:
    """Return what the kinds of four words in a row show of the third."""
    return (f"{b}|{c}|", f"|{c}|{d}", f"{b}|{c}|{d}", f"{a}|{b}|{c}|")


def words_together(b: Traits, c: Traits, d: Traits) -> tuple[str, str, str]:
    """Return what the neighbours of ``c`` show together with it."""
    return (f"{b.stem}\t{c.kind}", f"{c.kind}\t{d.stem}", f"{b.stem}\t{c.stem}")


def phrases_within(
    words: Sequence[str], openings: Mapping[int, Iterable[str]], lexicon: Lexicon
) -> dict[int, set[str]]:
    """Return, by place, what the listed names of several words say of the words in them.

    ``openings`` are the places where one can begin, with the words that it can begin with.
    """
    found: dict[int, set[str]] = {}
    for at, firsts in openings.items():
        for first in firsts:
            second = words[at + 1] if at + 1 < len(words) else ""
            longest = lexicon.beginnings[first].get(second, 0)
            for length in range(min(longest, len(words) - at), 1, -1):
                phrase = " ".join((first, *words[at + 1 : at + length]))
                marks = lexicon.phrases.get(phrase)
                if marks is None:
                    continue
                for mark in marks:
                    found.setdefault(at, set()).add(f"first of {mark}")
                    for inside in range(at + 1, at + length):
                        found.setdefault(inside, set()).add(f"within {mark}")
                break
    return found


def attributes(sentence: Sequence[Traits], lexicon: Lexicon) -> list[list[str]]:
    """Return all attributes of each word of ``sentence``."""
    padded = [EDGE, EDGE, *sentence, EDGE, EDGE]
    openings = {at: traits.openings for at, traits in enumerate(sentence)}
    phrases = phrases_within([traits.word for traits in sentence], openings, lexicon)
    return [_in_place(padded[at : at + 5], phrases.get(at, ())) for at in range(len(sentence))]


def _in_place(around: Sequence[Traits], of_phrases: Iterable[str]) -> list[str]:
    a, b, c, d, e = around
    return [
        *c.own,
        *(
            f"{place} {attribute}"
            for place, lent in zip(PLACES[1:], (b.near, d.near, a.far, e.far), strict=True)
            for attribute in lent
        ),
        *kinds_together(a.kind, b.kind, c.kind, d.kind),
        *words_together(b, c, d),
        *sorted(of_phrases),
    ]
