"""Bodies as they were before they were compressed, piece by piece and never more than a limit.

A few kilobytes can stand for gigabytes: so every decoder is told how much may come out at most, and
what is beyond is not made.
"""

import zlib
from collections.abc import Sequence
from typing import Protocol

import brotli
import zstandard

ACCEPT_ENCODING = "gzip, deflate, br, zstd"

MAX_ENCODINGS = 2
"""Layers of compression. Two happen, by a proxy's mistake; more are an attack."""

MAX_ZSTD_WINDOW_BYTES = 8 * 2**20
"""What RFC 9659 allows on the web; a frame may ask for far more memory."""


class EncodingError(Exception):
    """The bytes are not encoded as they are said to be."""


class TooLargeError(Exception):
    """More would come out than is allowed."""


class Decoder(Protocol):
    """One layer of compression. ``complete``: nothing is missing at the end."""

    @property
    def complete(self) -> bool: ...  # noqa: D102

    def feed(self, data: bytes) -> bytes:
        """Return what can be made of the next ``data``. Raises EncodingError, TooLargeError."""


def decoders(content_encoding: str, limit: int) -> list[Decoder]:
    """Return the decoders of a header ``Content-Encoding`` in the order to feed them.

    An unknown encoding is none: such headers are mostly a mistake. Raises EncodingError if there
    are too many layers.
    """
    names = [name.strip().lower() for name in content_encoding.split(",")]
    known = [_DECODERS[name] for name in reversed(names) if name in _DECODERS]
    if len(known) > MAX_ENCODINGS:
        raise EncodingError(f"compressed {len(known)} times")
    return [decoder(limit) for decoder in known]


def feed(chain: Sequence[Decoder], data: bytes) -> bytes:
    """Return what comes out of the last of ``chain`` when ``data`` goes into the first."""
    for decoder in chain:
        data = decoder.feed(data)
    return data


class _Zlib:
    """gzip, also several members in a row; what follows the last one is ignored, as browsers do."""

    _WINDOW_BITS = zlib.MAX_WBITS | 16

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._member = zlib.decompressobj(self._WINDOW_BITS)

    @property
    def complete(self) -> bool:
        return self._member.eof

    def feed(self, data: bytes) -> bytes:
        pieces = []
        try:
            while data and not (self._member.eof and not self._next_member(data)):
                pieces.append(self._taken(self._member.decompress(data, self._left + 1)))
                data = self._member.unused_data
        except zlib.error as error:
            raise EncodingError(str(error)) from error
        return b"".join(pieces)

    def _next_member(self, data: bytes) -> bool:
        if not data.startswith(b"\x1f"):
            return False
        self._member = zlib.decompressobj(self._WINDOW_BITS)
        return True

    def _taken(self, made: bytes) -> bytes:
        self._left -= len(made)
        if self._left < 0:
            raise TooLargeError
        return made


class _Deflate(_Zlib):
    """``deflate``: in zlib's format as it should be, or raw as some servers send it."""

    _WINDOW_BITS = zlib.MAX_WBITS

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._begun = False

    def feed(self, data: bytes) -> bytes:
        if data and not self._begun:
            self._begun = True
            if data[0] & 0x0F != zlib.DEFLATED:
                self._member = zlib.decompressobj(-zlib.MAX_WBITS)
        return super().feed(data)


class _Brotli:
    def __init__(self, limit: int) -> None:
        self._left = limit
        self._stream = brotli.Decompressor()

    @property
    def complete(self) -> bool:
        return bool(self._stream.is_finished())

    def feed(self, data: bytes) -> bytes:
        if not data:
            return b""
        try:
            made: bytes = self._stream.process(data, output_buffer_limit=self._left + 1)
        except brotli.error as error:
            raise EncodingError(str(error)) from error
        self._left -= len(made)
        if self._left < 0:
            raise TooLargeError
        return made


class _Zstandard:
    """zstd. The library does not say whether a frame has ended, so it always counts as complete."""

    complete = True

    def __init__(self, limit: int) -> None:
        self._made = _Limited(limit)
        library = zstandard.ZstdDecompressor(max_window_size=MAX_ZSTD_WINDOW_BYTES)
        self._stream = library.stream_writer(self._made)  # type: ignore[arg-type]  # no more than this

    def feed(self, data: bytes) -> bytes:
        try:
            self._stream.write(data)
        except zstandard.ZstdError as error:
            raise EncodingError(str(error)) from error
        return self._made.take()


class _Limited:
    """Where zstd writes to, a piece at a time: the only way to stop it within one call."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._left -= len(piece)
        if self._left < 0:
            raise TooLargeError
        self._pieces.append(piece)
        return len(piece)

    def take(self) -> bytes:
        made = b"".join(self._pieces)
        self._pieces.clear()
        return made


_DECODERS: dict[str, type[_Zlib] | type[_Brotli] | type[_Zstandard]] = {
    "gzip": _Zlib,
    "x-gzip": _Zlib,
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstandard,
}
