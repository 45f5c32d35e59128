"""Bodies as they were before they were compressed, piece by piece and never more than a limit.

A few kilobytes can stand for gigabytes: so every decoder is told how much may come out at most, and
what is beyond is not made.
"""

import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Protocol

import brotli
import zstandard

ACCEPT_ENCODING = "gzip, deflate, br, zstd"

PIECE_BYTES = 65_536
"""Made at once of gzip, deflate and brotli, so that a body is seen to be large before it is."""

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

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what can be made of the next ``data``. Raises EncodingError, TooLargeError."""


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


def feed(chain: Sequence[Decoder], data: bytes) -> Iterator[bytes]:
    """Yield what comes out of the last of ``chain`` when ``data`` goes into the first."""
    if not chain:
        yield data
        return
    for made in chain[0].feed(data):
        yield from feed(chain[1:], made)


class _Zlib:
    """gzip, also several members in a row; what follows the last one is ignored, as browsers do."""

    _WINDOW_BITS = zlib.MAX_WBITS | 16

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._member = zlib.decompressobj(self._WINDOW_BITS)

    @property
    def complete(self) -> bool:
        return self._member.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        made = b""
        # A full piece may not be all that the library has taken in.
        while data or len(made) == PIECE_BYTES:
            if self._member.eof and not self._next_member(data):
                return
            try:
                made = self._member.decompress(data, PIECE_BYTES)
            except zlib.error as error:
                raise EncodingError(str(error)) from error
            yield self._taken(made)
            data = self._member.unconsumed_tail or self._member.unused_data

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

    def feed(self, data: bytes) -> Iterator[bytes]:
        if data and not self._begun:
            self._begun = True
            if data[0] & 0x0F != zlib.DEFLATED:
                self._member = zlib.decompressobj(-zlib.MAX_WBITS)
        yield from super().feed(data)


class _Brotli:
    def __init__(self, limit: int) -> None:
        self._left = limit
        self._stream = brotli.Decompressor()

    @property
    def complete(self) -> bool:
        return bool(self._stream.is_finished())

    def feed(self, data: bytes) -> Iterator[bytes]:
        ready = not data
        while not ready:
            try:
                made: bytes = self._stream.process(data, output_buffer_limit=PIECE_BYTES)
            except brotli.error as error:
                raise EncodingError(str(error)) from error
            self._left -= len(made)
            if self._left < 0:
                raise TooLargeError
            yield made
            data = b""
            ready = self._stream.is_finished() or self._stream.can_accept_more_data()


class _Zstandard:
    """zstd. The library does not say whether a frame has ended, so it always counts as complete."""

    complete = True

    def __init__(self, limit: int) -> None:
        self._made = _Limited(limit)
        library = zstandard.ZstdDecompressor(max_window_size=MAX_ZSTD_WINDOW_BYTES)
        self._stream = library.stream_writer(self._made)  # type: ignore[arg-type]  # no more than this

    def feed(self, data: bytes) -> Iterator[bytes]:
        try:
            self._stream.write(data)
        except zstandard.ZstdError as error:
            raise EncodingError(str(error)) from error
        while self._made.pieces:
            yield self._made.pieces.popleft()


class _Limited:
    """Where zstd writes to, a piece at a time: the only way to stop it within one call."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self.pieces: deque[bytes] = deque()

    def write(self, piece: bytes) -> int:
        self._left -= len(piece)
        if self._left < 0:
            raise TooLargeError
        self.pieces.append(piece)
        return len(piece)


_DECODERS: dict[str, type[_Zlib] | type[_Brotli] | type[_Zstandard]] = {
    "gzip": _Zlib,
    "x-gzip": _Zlib,
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstandard,
}
