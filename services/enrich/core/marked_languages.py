"""Languages in Latin letters that the identifier does not know, told by their words.

Maltese, Kurdish, Berber and Arabic in Latin letters; what marks them is in
``knowledge/languages.yaml``.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

_WORD = re.compile("\\w+[-']?")
_PART = 3  # letters; a beginning or ending marks a longer word
_REMEMBERED = 8192  # words
_SEVERAL = 12  # words, among which one mark may be chance


@dataclass(frozen=True, slots=True)
class Shape:
    """What the words of a language look like."""

    beginnings: tuple[str, ...]
    endings: tuple[str, ...]
    inside: re.Pattern[str]

    def has(self, word: str) -> bool:
        """Tell whether ``word`` looks like one of the language."""
        if len(word) > _PART and (word.startswith(self.beginnings) or word.endswith(self.endings)):
            return True
        return self.inside.search(word) is not None


@dataclass(frozen=True, slots=True)
class MarkedLanguages:
    """By word the language that it is a mark of, and those that it is a shared word of."""

    mark: Callable[[str], str | None]
    shared: Mapping[str, frozenset[str]]

    def tell(self, text: str) -> tuple[str, float]:
        """Return the language whose marks most words of ``text`` have, and which part of them.

        A word that others share counts beside one of the language's own. ``("und", 0.0)`` where no
        word is marked, or one among several.
        """
        words = _WORD.findall(text.lower().replace("’", "'"))
        marked = Counter(tag for tag in map(self.mark, words) if tag)
        if not marked or (len(words) >= _SEVERAL and marked.total() == 1):
            return "und", 0.0
        for word in words:
            marked.update(self.shared.get(word, frozenset()) & marked.keys())
        tag, count = marked.most_common(1)[0]
        return tag, count / len(words)


def _mark_of(own: Mapping[str, str], shapes: Mapping[str, Shape], word: str) -> str | None:
    tag = own.get(word) or own.get(word.rstrip("-'"))
    return tag or next((tag for tag, shape in shapes.items() if shape.has(word)), None)


def compile_marks(knowledge: Mapping[str, Mapping[str, Sequence[str]]]) -> MarkedLanguages:
    """Return the marks of ``knowledge``: by tag, what ``knowledge/languages.yaml`` explains.

    Raises ValueError for a word that is said to be two languages' own.
    """
    own: dict[str, str] = {}
    shared: dict[str, frozenset[str]] = {}
    for tag, marks in knowledge.items():
        for word in " ".join(marks.get("words", ())).split():
            if own.setdefault(word, tag) != tag:
                raise ValueError(f"{word} is a word of {own[word]} and of {tag}: it is shared")
        for word in " ".join(marks.get("shared", ())).split():
            shared[word] = shared.get(word, frozenset()) | {tag}
    shapes = {tag: _shape(marks) for tag, marks in knowledge.items()}
    return MarkedLanguages(lru_cache(_REMEMBERED)(partial(_mark_of, own, shapes)), shared)


def _shape(marks: Mapping[str, Sequence[str]]) -> Shape:
    inside = []
    if letters := marks.get("letters"):
        inside.append(f"[{letters}]")
    if digits := marks.get("digits"):  # inside or before a word, not 3rd, 2nde, 20km
        inside.append(f"[a-z][{digits}][a-z]|^[{digits}][a-z]{{3}}|[a-z]{{2}}[{digits}]$")
    return Shape(
        beginnings=tuple(marks.get("beginnings", ())),
        endings=tuple(marks.get("endings", ())),
        inside=re.compile("|".join(inside) or "(?!)"),
    )
