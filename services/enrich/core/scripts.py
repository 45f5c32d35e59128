"""Cut a text into passages of one script each: what its languages are told from."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

# ISO 15924 codes, each with the letters and signs (as in a regular expression) of its script.
_LETTERS: Mapping[str, str] = {
    "Arab": "\u0620-\u065f\u066e-\u06d5\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f\u08a0-\u08ff"
    "\ufb50-\ufdff\ufe70-\ufefc\u200c",
    "Latn": "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0250-\u02af\u0300-\u036f"
    "\u1e00-\u1eff\ufb00-\ufb06\uff21-\uff3a\uff41-\uff5a",
    "Cyrl": "\u0400-\u052f",
    "Hebr": "\u05b0-\u05f2",
    "Grek": "\u0370-\u03ff\u1f00-\u1fff",
    "Ethi": "\u1200-\u137f",
    "Tfng": "\u2d30-\u2d7f",
    "Hani": "\u3040-\u30ff\u3400-\u9fff",
    "Hang": "\uac00-\ud7a3",
    "Deva": "\u0900-\u097f",
    "Armn": "\u0531-\u0587",
    "Geor": "\u10a0-\u10ff",
    "Thai": "\u0e01-\u0e4e",
}
# What may stand between and behind the words of a passage. Anything else ends it: a line's end, a
# quotation mark, a bracket, a letter of another script.
_BETWEEN = " \t\u00a0.,:;!?…،؛؟۔、，。：；！？'’/&%\\d_\\-–"
# A passage begins with a letter; a word of Latin ones may have a digit before it, as in 3andi.
_PASSAGE = re.compile(
    "(?=[2-9]?[^\\W\\d_])(?:"
    + "|".join(
        f"(?P<{script}>{'[2-9]?' if script == 'Latn' else ''}[{letters}][{letters}{_BETWEEN}]*)"
        for script, letters in _LETTERS.items()
    )
    + ")"
)


class Passage(NamedTuple):
    """A stretch of text in one script, with the number of its letters: of what is no space."""

    script: str
    text: str
    letters: int


def passages(text: str) -> Iterator[Passage]:
    """Yield the passages of ``text`` in order. Takes time linear in the length of ``text``."""
    for match in _PASSAGE.finditer(text):
        passage = match.group()
        yield Passage(match.lastgroup or "", passage, len(passage) - passage.count(" "))
