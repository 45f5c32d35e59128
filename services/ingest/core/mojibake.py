"""Text that was encoded twice, as content systems do after a move: Ø§Ù„ or ط§ظ„ for ال.

The bytes of UTF-8 were taken for those of a one-byte encoding and written as UTF-8 once more. What
that leaves cannot be mistaken: every second character is one of four that begin Arabic letters.
"""

import re

_LEADS = bytes(range(0xD8, 0xDC))
_FOLLOWERS = bytes(range(0x80, 0xC0))
_MIN_PAIRS = 3


def _characters(codec: str) -> dict[str, int]:
    """Return the byte of each character; what the codec leaves undefined is read as Latin-1."""
    found = {bytes([byte]).decode("latin-1"): byte for byte in range(256)}
    for byte in range(256):
        if text := bytes([byte]).decode(codec, "ignore"):
            found[text] = byte
    return found


def _pairs(characters: dict[str, int]) -> re.Pattern[str]:
    leads = "".join(c for c, byte in characters.items() if byte in _LEADS)
    followers = "".join(c for c, byte in characters.items() if byte in _FOLLOWERS)
    return re.compile(f"(?:[{re.escape(leads)}][{re.escape(followers)}]){{{_MIN_PAIRS}}}")


_CODECS = [(table, _pairs(table)) for table in map(_characters, ("cp1252", "cp1256"))]


def undo_double_encoding(text: str) -> str | None:
    """Return ``text`` as it was meant, None if it was not encoded twice.

    Decided for each stretch between tags, since one item of a feed may be so and another not.
    """
    for characters, pairs in _CODECS:
        if pairs.search(text):
            pieces = [_undo(piece, characters, pairs) for piece in text.split("<")]
            return "<".join(pieces)
    return None


def _undo(piece: str, characters: dict[str, int], pairs: re.Pattern[str]) -> str:
    if not pairs.search(piece):
        return piece
    try:
        return bytes(characters[character] for character in piece).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return piece
