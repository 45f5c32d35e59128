"""Tell the languages of an article: scripts first, then a library, passage by passage.

A passage (a paragraph, a quotation, a stretch in another script) is in one language. The library
says which; where it is unsure of Latin letters, the marks of languages that it does not know are
looked for. What is too short to tell goes with the rest of its script, and names in brackets count
for nothing. The thresholds were chosen on two thirds of tests/quality/language: decision 0006.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from services.contract.articles import Language, TitleLanguage
from services.enrich.core.marked_languages import MarkedLanguages
from services.enrich.core.scripts import Passage, passages

# The languages that Libya's news is written in, by the script they share, the likeliest first.
# Short texts are told between them; of longer ones any language is believed.
EXPECTED: Mapping[str, tuple[str, ...]] = {
    "Arab": ("ar", "fa", "ur", "ckb"),
    "Latn": ("en", "fr", "it", "tr", "es", "de", "pt", "nl"),
    "Cyrl": ("ru", "uk"),
    "Hani": ("zh", "ja"),
}
# Where there is one language only, the library is not asked.
_ALONE: Mapping[str, str] = {
    "Hebr": "he",
    "Grek": "el",
    "Ethi": "am",
    "Tfng": "zgh",
    "Hang": "ko",
    "Armn": "hy",
    "Geor": "ka",
    "Thai": "th",
}

_SAMPLE_CHARS = 500  # the library reads 1,000 bytes
_MARKS_CHARS = 300  # enough for fifty words
_STRETCHES = 4  # of a long text, evenly spread, what is between them is not read
_STRETCH_CHARS = 350
_LONG = 60  # letters from which on any language is believed
_TELLING = 40  # letters from which on a passage is told by itself
_KNOWN = 0.75  # least score of a language that the library knows; of others it gives at most 0.68
_STRANGE = 0.45  # with less than this a telling text is in none of the languages
_MARKED = 0.12  # part of the words that bear marks of the language, at least
_TIE = 0.02  # scores so close say nothing: the likelier language it is
_UNSURE = 0.7  # confidence below which the hint, or the article's language, decides
_NOTICED = 0.01  # least share of another language


class Identifier(Protocol):
    """A language identifier."""

    def scores(self, text: str) -> Sequence[tuple[str, float]]:
        """Return languages, best first, each with how much ``text`` looks like it, 0 to 1."""


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """What languages are told with: the library twice, and the marks of what it does not know."""

    every: Identifier
    expected: Identifier
    marks: MarkedLanguages


class _Told(NamedTuple):
    """What a text is in. ``tag`` is ``und`` where there is nothing to tell it from."""

    tag: str
    confidence: float
    script: str | None


_NOTHING = _Told("und", 0.0, None)


def identify_language(title: str, text: str, hint: str | None, model: LanguageModel) -> Language:
    """Return the language of ``text``, or of ``title`` where the text has no letters.

    ``hint``, what the source says of itself, decides only what is open. Of a long text a sample is
    read.
    """
    of_text, others = _tell_text(_sample(text), model)
    of_title, _ = _tell_text(title, model)
    of_text = _settle(of_text if of_text.script else of_title, hint)
    of_title = _settle(of_title, of_text.tag)
    return Language(
        tag=of_text.tag,
        confidence=round(of_text.confidence, 3),
        script=of_text.script,
        others=others,
        title=TitleLanguage(
            tag=of_title.tag, confidence=round(of_title.confidence, 3), script=of_title.script
        ),
    )


def _sample(text: str) -> str:
    """Return ``text``, or stretches of a long one from its beginning to its end."""
    if len(text) <= _STRETCHES * _STRETCH_CHARS:
        return text
    step = (len(text) - _STRETCH_CHARS) // (_STRETCHES - 1)
    starts = range(0, step * _STRETCHES, step)
    return "\n".join(text[start : start + _STRETCH_CHARS] for start in starts)


def _settle(told: _Told, likely: str | None) -> _Told:
    """Return ``told``, or ``likely`` in its place if that is open and its script allows it."""
    if told.confidence < _UNSURE and told.script and likely in EXPECTED.get(told.script, ()):
        confidence = told.confidence if told.tag == likely else 1 - told.confidence
        return _Told(likely, confidence, told.script)
    return told


def _tell_text(text: str, model: LanguageModel) -> tuple[_Told, dict[str, float]]:
    """Return what most letters of ``text`` are in, and the shares of other languages."""
    tally = _Tally()
    strange: dict[str, list[Passage]] = defaultdict(list)
    short: dict[str, list[Passage]] = defaultdict(list)
    for passage in passages(text):
        script, sentence, letters = passage
        if letters < _TELLING:
            short[script].append(passage)
            continue
        tag, confidence = _tell(script, sentence, letters, model)
        if confidence < _UNSURE:
            strange[script].append(passage)
        else:
            tally.add(script, tag, confidence, letters)
    for script, found in strange.items():
        sample, letters = _join(found)
        tag, confidence = _tell_strange(script, sample, letters, model)
        if confidence < _UNSURE:
            short[script] += found
        else:
            tally.add(script, tag, confidence, letters)
    total = tally.letters + sum(passage.letters for found in short.values() for passage in found)
    for script, found in short.items():
        sample, letters = _join(found)
        if not tally.add_to_main(script, letters) and 2 * letters >= total:
            tally.add(script, *_tell_strange(script, sample, letters, model), letters)
    return tally.sum_up()


class _Tally:
    """Letters counted by script and language, each with how sure they are."""

    def __init__(self) -> None:
        self.letters = 0
        self._counts: dict[tuple[str, str], int] = defaultdict(int)
        self._confidence: dict[tuple[str, str], float] = {}

    def add(self, script: str, tag: str, confidence: float, letters: int) -> None:
        """Count ``letters`` for a language; its most confident passage says how sure it is."""
        self.letters += letters
        key = script, tag
        self._counts[key] += letters
        self._confidence[key] = max(confidence, self._confidence.get(key, 0.0))

    def add_to_main(self, script: str, letters: int) -> bool:
        """Count ``letters`` for the first language of ``script``. Return whether it has one."""
        keys = [key for key in self._counts if key[0] == script]
        if keys:
            self.letters += letters
            self._counts[max(keys, key=self._counts.__getitem__)] += letters
        return bool(keys)

    def sum_up(self) -> tuple[_Told, dict[str, float]]:
        """Return the first language and the shares of the others, the largest first."""
        if not self._counts:
            return _NOTHING, {}
        first, *others = sorted(self._counts, key=self._counts.__getitem__, reverse=True)
        shares = {tag: round(self._counts[_, tag] / self.letters, 3) for _, tag in others}
        shares = {tag: share for tag, share in shares.items() if share >= _NOTICED}
        shares.pop("und", None)
        return _Told(first[1], self._confidence[first], first[0]), shares


def _join(found: Iterable[Passage]) -> tuple[str, int]:
    """Return the beginning of what the passages say together, and how many letters they have."""
    sample, letters = "", 0
    for passage in found:
        letters += passage.letters
        if len(sample) < _SAMPLE_CHARS:
            sample += f" {passage.text[: _SAMPLE_CHARS - len(sample)]}"
    return sample, letters


def _tell(script: str, text: str, letters: int, model: LanguageModel) -> tuple[str, float]:
    """Return the language of ``text``, all in one script and language, and how sure that is."""
    if script in _ALONE:
        return _ALONE[script], 1.0
    library = model.expected if script in EXPECTED and letters < _LONG else model.every
    scores = library.scores(text[:_SAMPLE_CHARS])
    if not scores:
        return "und", 0.0
    tag, best = scores[0]
    if best < _STRANGE and letters >= _TELLING:
        return "und", 0.0
    gap = best - scores[1][1] if len(scores) > 1 else best
    if gap < _TIE:
        tied = {name for name, score in scores if score > best - _TIE}
        tag = next((name for name in EXPECTED.get(script, ()) if name in tied), tag)
    certainty = 1 / (1 + math.exp(-10 * gap * math.sqrt(letters)))
    return tag, certainty * (1.0 if best >= _KNOWN else _UNSURE * best / _KNOWN)


def _tell_strange(script: str, text: str, letters: int, model: LanguageModel) -> tuple[str, float]:
    """Return the language of ``text``, which may be one that the library does not know."""
    tag, confidence = _tell(script, text, letters, model)
    if script == "Latn" and confidence < _UNSURE:
        marked, part = model.marks.tell(text[:_MARKS_CHARS])
        if part >= _MARKED:
            return marked, (1 + min(1.0, 3 * part)) / 2
    return tag, confidence
