"""Which of a source's names are fit to be looked for, and how they are written."""

import re
import unicodedata
from collections.abc import Iterable

_MARKS = re.compile("[\u064b-\u065f\u0670\u0640\u0610-\u061a]")
# Letters of Arabic; what has others (گ پ چ ی ک ہ ے ۆ) is Persian, Urdu or Kurdish.
_ARABIC = re.compile(
    "[\u0621-\u063a\u0641-\u064a\u0671]+(?:[ -][\u0621-\u063a\u0641-\u064a\u0671]+)*"
)
_PERSIAN_ENDING = re.compile("ه‌|ئان|اباد$")
_LATIN = re.compile(r"[A-ZÀ-ÞİŞĞ][A-Za-zÀ-ÿİışğŞĞ]*(?:[ '’-][A-Za-zÀ-ÿİışğŞĞ]+)*")
# What a place is, said before its name. Of a district («شعبية») the name is that of its capital.
_KIND_OF_PLACE = re.compile(
    "^(?:مدينة|مدينه|قرية|قريه|منطقة|منطقه|بلدية|بلدة|محلة|حي|إمارة) (?=..)"
)
_NO_PLACE = re.compile("^(?:شعبية|شعبيه|قبيلة|قبيله|محافظة|ولاية|مقاطعة|بلدية|منطقة|مركز|قسم) ")
MIN_LETTERS = 3
MIN_LATIN_LETTERS = 4


def arabic_names(names: list[str]) -> tuple[str, ...]:
    """Return the Arabic ``names`` without marks and without what says only what kind they are."""
    return _unique(_arabic(name) for name in names)


def latin_names(names: list[str]) -> tuple[str, ...]:
    """Return the names in plain Latin letters; no codes (TIP), no scholars' signs (Ţarābulus)."""
    return _unique(name.replace("’", "'") for name in names if _is_latin(name))


def _arabic(name: str) -> str | None:
    plain = _MARKS.sub("", unicodedata.normalize("NFKC", name)).strip()
    plain = _KIND_OF_PLACE.sub("", " ".join(plain.split()))
    bare = plain.removeprefix("ال")
    fits = _ARABIC.fullmatch(plain) and len(bare) >= MIN_LETTERS
    return (
        plain if fits and not _NO_PLACE.match(plain) and not _PERSIAN_ENDING.search(plain) else None
    )


def _is_latin(name: str) -> bool:
    return (
        len(name) >= MIN_LATIN_LETTERS and _LATIN.fullmatch(name) is not None and not name.isupper()
    )


def _unique(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))
