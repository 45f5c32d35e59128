"""Compressed bodies: what was in them, and no more than is allowed."""

import gzip
import random
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard

from services.ingest.core.inflate import EncodingError, TooLargeError, decoders, feed

TEXT = "اجتمع المجلس البلدي في طرابلس. ".encode() * 200


def raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


COMPRESSED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "two members": ("gzip", lambda data: gzip.compress(data[:99]) + gzip.compress(data[99:])),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("Deflate", raw_deflate),
    "brotli": ("br", brotli.compress),
    "zstd": ("zstd", zstandard.compress),
    "two frames": (
        "zstd",
        lambda data: zstandard.compress(data[:99]) + zstandard.compress(data[99:]),
    ),
    "not at all": ("identity", bytes),
    "a charset by mistake": ("utf-8", bytes),
    "no header": ("", bytes),
    "twice": ("br, gzip", lambda data: gzip.compress(brotli.compress(data))),
}


NOT_COMPRESSED = {"not at all", "a charset by mistake", "no header"}


def inflate(encoding: str, data: bytes, limit: int, piece: int) -> tuple[bytes, bool]:
    chain = decoders(encoding, limit)
    pieces = [data[start : start + piece] for start in range(0, len(data), piece)]
    made = b"".join(part for piece in pieces for part in feed(chain, piece))
    return made, all(one.complete for one in chain)


@pytest.mark.parametrize("piece", [1, 7, 10_000_000], ids=["bytes", "sevens", "whole"])
@pytest.mark.parametrize("name", COMPRESSED)
def test_what_was_compressed_comes_out(name: str, piece: int) -> None:
    encoding, compress = COMPRESSED[name]
    assert inflate(encoding, compress(TEXT), len(TEXT), piece) == (TEXT, True)


@pytest.mark.parametrize("piece", [1, 10_000_000], ids=["bytes", "whole"])
@pytest.mark.parametrize("name", sorted(COMPRESSED.keys() - NOT_COMPRESSED))
def test_one_byte_too_many_is_too_many(name: str, piece: int) -> None:
    encoding, compress = COMPRESSED[name]
    with pytest.raises(TooLargeError):
        inflate(encoding, compress(TEXT), len(TEXT) - 1, piece)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_a_body_cut_short_yields_its_beginning_and_says_so(encoding: str) -> None:
    compress = next(one for code, one in COMPRESSED.values() if code == encoding)
    data = compress(random.Random(1).randbytes(100_000))
    begun, complete = inflate(encoding, data[: len(data) // 2], 1_000_000, 1_000)
    assert len(begun) > 10_000
    assert not complete


def test_what_follows_the_last_member_is_ignored() -> None:
    assert inflate("gzip", gzip.compress(TEXT) + b"\0\0junk", 1_000_000, 1_000) == (TEXT, True)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_what_is_not_encoded_as_it_says_is_an_error(encoding: str) -> None:
    with pytest.raises(EncodingError):
        inflate(encoding, b"<rss version='2.0'></rss> nothing of that kind", 1_000, 1_000)


def test_many_layers_are_refused() -> None:
    with pytest.raises(EncodingError):
        decoders("gzip, gzip, gzip", 1_000)


def test_a_frame_that_wants_much_memory_is_refused() -> None:
    far = zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    stream = zstandard.ZstdCompressor(compression_params=far).compressobj()  # of unknown length
    with pytest.raises(EncodingError):
        inflate("zstd", stream.compress(TEXT) + stream.flush(), 1_000_000, 1_000_000)
