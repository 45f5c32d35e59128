"""Bytes of a site to strange ones: what breaks, lies, repeats, nests or floods."""

import re
from collections.abc import Callable, Sequence
from random import Random

MAX_BYTES = 60_000
"""Larger ones have tests of their own; here many are read."""

_TAG = re.compile(rb"<[^<>]{1,200}>")
_NUMBER = re.compile(rb"\d{1,20}")
_LABEL = re.compile(rb"(charset|encoding)(\s*=\s*[\"']?)[\w.:-]+", re.IGNORECASE)
_CODECS = ("cp1256", "cp1252", "iso8859-6", "utf-16", "utf-16-be", "utf-32", "utf-8-sig", "utf-7")
_LABELS = (
    *(b"windows-1256", b"iso-8859-1", b"utf-16", b"utf-7", b"hex", b"punycode", b"idna", b"zlib"),
    *(b"undefined", b"unicode_escape", b"raw_unicode_escape", b"x" * 500, b"rot13", b"utf-32"),
)
_OPENING = (b"div", b"table", b"tr", b"td", b"p", b"b", b"a", b"font", b"li", b"item", b"svg")
_PIECES = (
    *(b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?xml", b"<!DOCTYPE a [", b"</", b"<", b">", b'"'),
    *(b"&", b"&#0;", b"&#xD800;", b"&#55357;&#56832;", b"&#1114112;", b"&#" + b"9" * 3_000 + b";"),
    *(b"&bogus;", b"&nbsp", b"&amp;amp;lt;", b"\0", b"\0" * 50, b"\x1f", b"\xff\xfe", b"\xfe\xff"),
    *(b"\xef\xbb\xbf", b"\xef\xbf\xbf", b"\xed\xa0\xbd", b"\xe2\x80\xae", "\u0301".encode() * 300),
    *(b"<script>", b"</script>", b"<style>", b"<noscript>", b"<template>", b"<svg>", b"<math>"),
    *(
        b"<plaintext>",
        b"<frameset>",
        b"<select>",
        b"<base href='http://['>",
        b" xml:base='http://['",
    ),
    *(b"<link>http://[</link>", b"<link href='//'>", b"<a href='javascript:'>", b"<a:b c:d=''>"),
    *(b"<br>" * 200, b"<title type='xhtml'>", b"<content type='text'>", b"\\ud800", b"[[[[", b"{{"),
    *(b"<meta name='date' content='99999-99-99T99:99:99+99:99'>", b"<h1>", b"<time datetime='0'>"),
)
_MOMENTS = (
    *(b"0000-00-00", b"9999-12-31T23:59:59-23:59", b"0001-01-01T00:00:00+14:00", b"2020-02-30"),
    *("٣١ فبراير ٢٠٢٠".encode(), "30 صفر 9999".encode(), b"Sun, 99 Nov 99999 99:99:99 +9999"),
    *(b"(" * 500, b"1e999", "1 محرم 1300".encode(), b"31 Dec 9999 23:59:59 -1200"),
)


def mutate(body: bytes, random: Random) -> bytes:
    """Return ``body`` after one to four of the changes below."""
    for _ in range(random.randint(1, 4)):
        body = random.choice(_CHANGES)(body, random)[:MAX_BYTES]
    return body


def _flip_bytes(body: bytes, random: Random) -> bytes:
    changed = bytearray(body)
    for _ in range(random.randint(1, 40) if body else 0):
        changed[random.randrange(len(body))] = random.randrange(256)
    return bytes(changed)


def _truncate(body: bytes, random: Random) -> bytes:
    return body[: _place(body, random)]


def _drop(body: bytes, random: Random) -> bytes:
    start = _place(body, random)
    return body[:start] + body[start + random.randint(1, 400) :]


def _insert(body: bytes, random: Random) -> bytes:
    for _ in range(random.randint(1, 8)):
        at = _place(body, random)
        body = body[:at] + random.choice(_PIECES) + body[at:]
    return body


def _repeat(body: bytes, random: Random) -> bytes:
    """Repeat a stretch, which may hold tags, whole or in part."""
    start = _place(body, random)
    stretch = body[start : start + random.randint(1, 300)]
    return body[:start] + stretch * random.choice((2, 5, 50, 300)) + body[start:]


def _duplicate_tag(body: bytes, random: Random) -> bytes:
    return _replaced(_TAG, body, random, lambda tag: tag * random.choice((2, 3, 100)))


def _drop_tag(body: bytes, random: Random) -> bytes:
    return _replaced(_TAG, body, random, lambda _: b"")


def _swap_tags(body: bytes, random: Random) -> bytes:
    tags = _TAG.findall(body) or [b"<p>"]
    return _replaced(_TAG, body, random, lambda _: random.choice(tags))


def _nest(body: bytes, random: Random) -> bytes:
    at, tag = _place(body, random), random.choice(_OPENING)
    depth = random.choice((10, 100, 250, 260, 1_000))
    closed = random.choice((b"", b"</" + tag + b">"))
    return body[:at] + (b"<" + tag + b">") * depth + b"x" + closed * depth + body[at:]


def _huge_attribute(body: bytes, random: Random) -> bytes:
    value = random.choice((b"a", b"\xd8\xa7", b"&amp;", b"' b='")) * random.choice((500, 20_000))
    return _replaced(_TAG, body, random, lambda tag: tag[:-1] + b" a='" + value + b"'>")


def _countless_attributes(body: bytes, random: Random) -> bytes:
    names = b" ".join(b"a%d=''" % n for n in range(random.choice((300, 900, 3_000))))
    return _replaced(_TAG, body, random, lambda tag: tag[:-1] + b" " + names + b">", at_most=1)


def _encode_otherwise(body: bytes, random: Random) -> bytes:
    return _text(body).encode(random.choice(_CODECS), "ignore")


def _encode_twice(body: bytes, random: Random) -> bytes:
    return body.decode(random.choice(("cp1252", "cp1256", "latin-1")), "ignore").encode()


def _encode_in_part(body: bytes, random: Random) -> bytes:
    start, end = sorted((_place(body, random), _place(body, random)))
    other = _text(body[start:end]).encode(random.choice(_CODECS), "ignore")
    return body[:start] + other + body[end:]


def _lie_about_encoding(body: bytes, random: Random) -> bytes:
    label = random.choice(_LABELS)
    return _LABEL.sub(lambda found: found[1] + found[2] + label, body)


def _define_entities(body: bytes, random: Random) -> bytes:
    defined = b"".join(
        b"<!ENTITY e%d '%s'>" % (n, b"&e%d;" % (n - 1) * 10 if n else b"ha") for n in range(9)
    )
    outside = b"<!ENTITY f SYSTEM 'file:///etc/hostname'>"
    at = _place(body, random)
    return b"<!DOCTYPE a [" + defined + outside + b"]>" + body[:at] + b"&e8;&f;" + body[at:]


def _change_numbers(body: bytes, random: Random) -> bytes:
    others = (b"9" * 400, b"0", b"-1", "٣".encode() * 5, b"1e9", b"4294967296")
    return _replaced(_NUMBER, body, random, lambda _: random.choice(others))


def _change_moments(body: bytes, random: Random) -> bytes:
    moments = re.compile(rb"\d{4}-\d\d-\d\d[T\d:+Z]*|\w{3}, \d\d [^<]{5,30}")
    return _replaced(moments, body, random, lambda _: random.choice(_MOMENTS), at_most=9)


def _flood(body: bytes, random: Random) -> bytes:
    flood = random.choice((b" ", b"\n", b"(", b"[", b"&", b"<", b"\xd8", b"\0", b"<p>", b"<!--"))
    at = _place(body, random)
    return body[:at] + flood * random.choice((1_000, 9_000)) + body[at:]


_CHANGES: Sequence[Callable[[bytes, Random], bytes]] = (
    *(_flip_bytes, _truncate, _drop, _insert, _repeat, _duplicate_tag, _drop_tag, _swap_tags),
    *(_nest, _huge_attribute, _countless_attributes, _encode_otherwise, _encode_twice),
    *(_encode_in_part, _lie_about_encoding, _define_entities, _change_numbers, _change_moments),
    _flood,
)


def _place(body: bytes, random: Random) -> int:
    return random.randint(0, len(body))


def _text(body: bytes) -> str:
    return body.decode("utf-16" if body.startswith(b"\xff\xfe") else "utf-8", "ignore")


def _replaced(
    pattern: re.Pattern[bytes],
    body: bytes,
    random: Random,
    change: Callable[[bytes], bytes],
    at_most: int = 3,
) -> bytes:
    """Return ``body`` with some of what ``pattern`` finds changed."""
    found = list(pattern.finditer(body))
    for match in sorted(
        random.sample(found, min(len(found), at_most)), key=re.Match.start, reverse=True
    ):
        body = body[: match.start()] + change(match[0]) + body[match.end() :]
    return body
