"""Bytes to text. Pages and feeds lie about their encoding; the bytes themselves lie least.

Order: byte order mark, UTF-8 whatever is declared (also broken, mixed with another encoding, or
encoded twice), the source's override, the HTTP header, the XML declaration or meta element within
the first 10 kB, a detector that knows the language.
"""

import codecs
import re

from charset_normalizer import from_bytes

from services.contract.articles import Charset
from services.ingest.core.mojibake import undo_double_encoding

DECLARATION_WINDOW_BYTES = 10_000
"""How far a declaration is looked for: Arabic pages have it beyond 2 kB (stormcrawler#537)."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UTF_16_MARKUP = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
"""How markup in UTF-16 without a mark begins; its bytes would also pass as UTF-8."""

_HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"^\s*<\?xml[^>]*?\bencoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta\b[^>]*?\bcharset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_ALIASES = {"iso8859-1": "cp1252", "ascii": "cp1252"}  # as browsers read them
_WESTERN = {"cp1252", "cp1250", "iso8859-2", "iso8859-15", "mac-roman"}
_ARABIC_SCRIPT = {"ar", "fa", "ur", "ckb", "ug", "ps"}
_ARABIC_CODECS = ("cp1256", "iso8859-6")
_ARABIC_LETTERS = re.compile("[\u0621-\u064a\u067e\u0686\u0698\u06a9\u06af\u06cc]")
_ALL_BYTES = bytes(range(256))
_MOSTLY = 0.5
"""Share of what is not ASCII that is UTF-8 by stretches, from which the rest is a mixture."""

_NEARLY = 0.05
"""Share of broken sequences among what is not ASCII up to which a text still is UTF-8: a cut or a
pasted byte breaks a few, a text in another encoding nearly all."""

_MAX_STRETCHES = 100_000
"""More of them take more memory than a stranger's file may."""

_SAMPLE_BYTES = 100_000
"""What a detector looks at."""

_ASCII = bytes(range(0x80))


def decode(
    body: bytes, content_type: str | None, override: str | None, language: str | None
) -> tuple[str, Charset]:
    """Return the text of ``body`` and how it was read. Never fails: the last resort replaces.

    ``content_type`` is the HTTP header, ``override`` what the source's entry says, ``language`` its
    BCP-47 tag.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            text = body[len(mark) :].decode(name, "replace")
            return text, Charset(name=name, origin="bom")
    for start, name in _UTF_16_MARKUP:
        if body.startswith(start):
            return body.decode(name, "replace"), Charset(name=name, origin="detector")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        meant = undo_double_encoding(text)
        return meant or text, Charset(name="utf-8", origin="detector" if meant else "utf-8")
    if (mixed := _mixed(body, language)) is not None:
        return mixed, Charset(name="utf-8", origin="utf-8")
    declared = {
        "source": override,
        "http": _first(_HTTP_CHARSET, content_type or ""),
        "markup": _markup_charset(body[:DECLARATION_WINDOW_BYTES]),
    }
    for origin, label in declared.items():
        codec = _codec(label)
        if codec and not _impossible(codec, body, language):
            # Charset is strict about origin, which the keys above are.
            return body.decode(codec, "replace"), Charset(name=codec, origin=origin)  # type: ignore[arg-type]
    codec = _detect(body, language)
    return body.decode(codec, "replace"), Charset(name=codec, origin="detector")


def _mixed(body: bytes, language: str | None) -> str | None:
    """Return a text that is mostly UTF-8, None if it is not.

    Feeds put together from several databases have items in another encoding. So each stretch
    between tags is UTF-8, broken in places, or else what a detector takes it for.
    """
    if body.count(b"<") > _MAX_STRETCHES:
        return None
    pieces = [(piece, piece.decode("utf-8", "replace")) for piece in body.split(b"<")]
    beyond_ascii = sum(_beyond_ascii(piece) for piece, _ in pieces)
    as_utf8 = sum(_beyond_ascii(piece) for piece, text in pieces if _is_utf8(text))
    if as_utf8 < beyond_ascii * _MOSTLY:
        return None
    rest = b"<".join(piece for piece, text in pieces if not _is_utf8(text))
    codec = _detect(rest, language) if rest else "utf-8"
    return "<".join(
        text if _is_utf8(text) else piece.decode(codec, "replace") for piece, text in pieces
    )


def _beyond_ascii(piece: bytes) -> int:
    return len(piece) - len(piece.decode("ascii", "ignore"))


def _is_utf8(text: str) -> bool:
    broken = text.count("\ufffd")
    if not broken:
        return True
    beyond_ascii = sum(1 for character in text if character > "\x7f")
    return broken <= beyond_ascii * _NEARLY


def _markup_charset(head: bytes) -> str | None:
    found = _XML_ENCODING.search(head) or _META_CHARSET.search(head)
    return found.group(1).decode("ascii", "replace") if found else None


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found.group(1) if found else None


def _codec(label: str | None) -> str | None:
    """Return Python's name of the encoding that ``label`` means, None for an unknown one."""
    if not label:
        return None
    try:
        name = codecs.lookup(label).name
        # Some are found but are no encodings of text (hex), or do not replace (punycode).
        _ALL_BYTES.decode(name, "replace")
    except (LookupError, ValueError):
        return None
    return _ALIASES.get(name, name)


def _impossible(codec: str, body: bytes, language: str | None) -> bool:
    """Return whether a declaration cannot be true: refuted by the bytes, or unable to write the
    language, which is a server's default and no statement.
    """
    if codec.startswith("utf"):
        return codec == "utf-8" or b"\0" not in body
    return codec in _WESTERN and _primary(language) in _ARABIC_SCRIPT


def _primary(language: str | None) -> str:
    return (language or "").partition("-")[0].lower()


def _detect(body: bytes, language: str | None) -> str:
    """Return the likeliest codec.

    Detectors take windows-1256 for something Western as most of a page is ASCII markup, so for an
    Arabic source the Arabic codecs are tried first and judged by the letters they give.
    """
    if _primary(language) in _ARABIC_SCRIPT:
        beyond_ascii = body.translate(None, _ASCII)[:_SAMPLE_BYTES]
        letters = {
            codec: len(_ARABIC_LETTERS.findall(beyond_ascii.decode(codec, "replace")))
            for codec in _ARABIC_CODECS
        }
        best = max(letters, key=lambda codec: letters[codec])
        if letters[best] > len(beyond_ascii) / 2:
            return best
    guess = from_bytes(body[:_SAMPLE_BYTES]).best()
    return _codec(guess.encoding if guess else None) or "cp1252"
