"""Languages in Latin letters that the identifier does not know, told by their words.

Maltese, Kurdish, Berber and Arabic in Latin letters; what marks them is in
``knowledge/languages.yaml``.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_WORD = re.compile("\\w+[-']?")
_SEVERAL = 12  # words, among which one mark may be chance


@dataclass(frozen=True, slots=True)
class MarkedLanguages:
    """By word, and by the shape of a word, the languages it is a mark of."""

    own: Mapping[str, str]
    shared: Mapping[str, frozenset[str]]
    shape: re.Pattern[str]
    tags: tuple[str, ...]  # one for each group of ``shape``

    def tell(self, text: str) -> tuple[str, float]:
        """Return the language whose marks most words of ``text`` have, and which part of them.

        A word that others share counts beside one of the language's own. ``("und", 0.0)`` where no
        word is marked, or one among several.
        """
        words = _WORD.findall(text.lower().replace("’", "'"))
        marked = Counter(tag for tag in map(self._mark, words) if tag)
        if not marked or (len(words) >= _SEVERAL and marked.total() == 1):
            return "und", 0.0
        for word in words:
            marked.update(self.shared.get(word, frozenset()) & marked.keys())
        tag, count = marked.most_common(1)[0]
        return tag, count / len(words)

    def _mark(self, word: str) -> str | None:
        tag = self.own.get(word) or self.own.get(word.rstrip("-'"))
        if tag:
            return tag
        match = self.shape.search(word)
        return self.tags[match.lastindex - 1] if match and match.lastindex else None


def compile_marks(knowledge: Mapping[str, Mapping[str, Sequence[str]]]) -> MarkedLanguages:
    """Return the marks of ``knowledge``: by tag, what ``knowledge/languages.yaml`` explains.

    Raises ValueError for a language without letters, digits, beginnings and endings, or a word that
    is two languages' own.
    """
    own: dict[str, str] = {}
    shared: dict[str, frozenset[str]] = {}
    shapes = []
    for tag, marks in knowledge.items():
        for word in " ".join(marks.get("words", ())).split():
            if own.setdefault(word, tag) != tag:
                raise ValueError(f"{word} is a word of {own[word]} and of {tag}: it is shared")
        for word in " ".join(marks.get("shared", ())).split():
            shared[word] = shared.get(word, frozenset()) | {tag}
        shapes.append(_shape(marks))
    if not all(shapes):
        raise ValueError("a language needs letters, digits, beginnings or endings")
    return MarkedLanguages(
        own=own,
        shared=shared,
        shape=re.compile("|".join(f"({shape})" for shape in shapes)),
        tags=tuple(knowledge),
    )


def _shape(marks: Mapping[str, Sequence[str]]) -> str:
    """Return the expression for the words that their letters mark. It has no groups."""
    shapes = [f"^{re.escape(beginning)}." for beginning in marks.get("beginnings", ())]
    shapes += [f"..{re.escape(ending)}$" for ending in marks.get("endings", ())]
    if letters := marks.get("letters"):
        shapes.append(f"[{letters}]")
    if digits := marks.get("digits"):  # inside or before a word, not 3rd, 2nde, 20km
        shapes.append(f"[a-z][{digits}][a-z]|^[{digits}][a-z]{{3}}|[a-z]{{2}}[{digits}]$")
    return "|".join(shapes)
