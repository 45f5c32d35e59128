"""A feed that joins texts of several encodings: each piece between tags is read as what it is.

It happens where a site imports agencies' texts as they come (FreshRSS#1130).
"""

import re

from services.contract.articles import Charset
from services.ingest.core.charset import decode

MIN_UTF8_CHARS = 4
"""So many characters beyond ASCII are not UTF-8 by chance; two of windows-1256 can be."""

MAX_PIECES = 300_000

_PIECES = re.compile(rb"(<[^<>]*>)")


def decode_mixed(
    body: bytes, content_type: str | None, override: str | None, language: str | None
) -> tuple[str, Charset]:
    """Return the text of ``body`` as ``decode`` does, or of each piece of it if they differ."""
    text, charset = decode(body, content_type, override, language)
    if _is_one(text, charset) or body.count(b"<") > MAX_PIECES:
        return text, charset
    pieces = _PIECES.split(body)
    read = [_utf8(piece) for piece in pieces]
    if not any(piece and _beyond_ascii(piece) >= MIN_UTF8_CHARS for piece in read):
        return text, charset
    others = b" ".join(piece for piece, utf8 in zip(pieces, read, strict=True) if utf8 is None)
    codec = decode(others, content_type, override, language)[1].name
    joined = "".join(
        piece.decode(codec, "replace") if utf8 is None else utf8
        for piece, utf8 in zip(pieces, read, strict=True)
    )
    return joined, charset


def _is_one(text: str, charset: Charset) -> bool:
    by_itself = charset.origin == "bom" or charset.name.startswith("utf-16")
    return by_itself or (charset.name == "utf-8" and "\ufffd" not in text)


def _utf8(piece: bytes) -> str | None:
    try:
        return piece.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _beyond_ascii(text: str) -> int:
    return 0 if text.isascii() else sum(character > "\x7f" for character in text)
