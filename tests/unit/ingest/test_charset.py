"""Bytes become the text that was meant, whatever is declared."""

import codecs
import encodings
import pkgutil
import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.charset import DECLARATION_WINDOW_BYTES, decode
from services.ingest.core.kinds import read_listing
from services.ingest.core.sources import Source

NOW = datetime(2020, 11, 23, tzinfo=UTC)
CODECS = sorted({module.name for module in pkgutil.iter_modules(encodings.__path__)})
ARABIC = "أعلنت بلدية طرابلس المركز عن بدء أعمال صيانة الطرق «غدا»، وقال المتحدث إنها تستمر أسبوعا."
PAGE = f"<html><head>{{meta}}<title>خبر</title></head><body><p>{ARABIC}</p></body></html>"
META = '<meta http-equiv="Content-Type" content="text/html; charset=windows-1256">'
FAR_META = "<!--" + "x" * (9_000 - 4) + "-->" + META
LYING_META = '<meta charset="utf-8">'
PROLOG = '<?xml version="1.0" encoding="windows-1256"?>'


@pytest.mark.parametrize(
    ("markup", "content_type", "origin"),
    [
        (PAGE.format(meta=""), "text/html; charset=windows-1256", "http"),
        (PAGE.format(meta=""), "text/html;charset='Windows-1256'", "http"),
        (PAGE.format(meta=META), "text/html", "markup"),
        (PAGE.format(meta='<meta charset="windows-1256">'), None, "markup"),
        (PAGE.format(meta=FAR_META), None, "markup"),
        (PROLOG + PAGE.format(meta=""), None, "markup"),
        (PAGE.format(meta=""), None, "detector"),
        (PAGE.format(meta=LYING_META), "text/html; charset=utf-8", "detector"),
        (PAGE.format(meta=""), "text/html; charset=ISO-8859-1", "detector"),
        (PAGE.format(meta=META), "text/html; charset=ISO-8859-1", "markup"),
        (PAGE.format(meta=""), "text/html; charset=no-such-thing", "detector"),
        (PAGE.format(meta=""), "text/html; charset=hex", "detector"),
        (PAGE.format(meta=""), "text/html; charset=punycode", "detector"),
        (PAGE.format(meta=""), "text/html; charset=utf-16", "detector"),
    ],
    ids=[
        "header",
        "header in quotes",
        "meta",
        "short meta",
        "meta at byte 9000",
        "XML prolog",
        "nothing",
        "lying UTF-8",
        "a server's default in the header",
        "the same, meta is right",
        "unknown name",
        "codec that is no encoding",
        "codec that replaces nothing",
        "UTF-16, which it is not",
    ],
)
def test_windows_1256_is_read_right(markup: str, content_type: str | None, origin: str) -> None:
    text, charset = decode(markup.encode("cp1256"), content_type, None, "ar")
    assert text == markup
    assert (charset.name, charset.origin) == ("cp1256", origin)


@pytest.mark.parametrize("language", ["ar", "ar-LY", "en", None])
@pytest.mark.parametrize("declared", ["windows-1256", "iso-8859-1", "utf-16"])
def test_valid_utf_8_wins_over_any_declaration(declared: str, language: str | None) -> None:
    body = PAGE.format(meta=META).encode()
    text, charset = decode(body, f"text/html; charset={declared}", declared, language)
    assert text == PAGE.format(meta=META)
    assert (charset.name, charset.origin) == ("utf-8", "utf-8")


def test_a_cut_utf_8_text_is_still_utf_8() -> None:
    text, charset = decode(ARABIC.encode()[:-2], None, None, "ar")
    assert text[:-1] == ARABIC[:-2]
    assert charset.name == "utf-8"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides(encoding: str) -> None:
    text, charset = decode(ARABIC.encode(encoding), "text/html; charset=windows-1256", None, "ar")
    assert text == ARABIC
    assert charset.origin == "bom"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_recognised_by_its_markup(encoding: str) -> None:
    text, charset = decode(PAGE.format(meta="").encode(encoding), None, None, "ar")
    assert text == PAGE.format(meta="")
    assert charset.name == encoding


def test_the_sources_override_comes_before_what_is_declared() -> None:
    body = ARABIC.encode("iso8859-6", "ignore")
    text, charset = decode(body, "text/html; charset=windows-1256", "iso-8859-6", "ar")
    assert text == ARABIC.replace("«", "").replace("»", "")
    assert charset.origin == "source"


def test_a_declaration_beyond_the_window_is_not_looked_for() -> None:
    body = (" " * DECLARATION_WINDOW_BYTES + PROLOG).encode() + "café".encode("cp1252")
    text, charset = decode(body, None, None, "fr")
    assert charset.origin == "detector"
    assert text.endswith("café") or charset.name != "cp1252"


@pytest.mark.parametrize(
    ("text", "encoding", "language"),
    [
        ("L'armée a annoncé la réouverture de l'aéroport, a déclaré le ministère.", "cp1252", "fr"),
        ("Başbakan, heyetle görüştüğünü açıkladı; toplantı İstanbul'da sürüyor.", "cp1254", "tr"),
        (
            "Il ministro è arrivato a Tripoli: l'incontro sarà martedì, perciò si attende.",
            "cp1252",
            "it",
        ),
    ],
    ids=["French", "Turkish", "Italian"],
)
def test_other_languages_are_read_as_declared(text: str, encoding: str, language: str) -> None:
    decoded, charset = decode(
        text.encode(encoding), f"text/html; charset={encoding}", None, language
    )
    assert decoded == text
    assert codecs.lookup(charset.name).name == encoding


@pytest.mark.parametrize("body", [b"", b"\xff", b"\x00\x80\xff" * 50, bytes(range(256))])
def test_nothing_makes_it_fail(body: bytes) -> None:
    text, charset = decode(body, "charset=\x00", "utf-16", "ar")
    assert isinstance(text, str)
    assert charset.name


@pytest.mark.filterwarnings("ignore:invalid escape sequence:DeprecationWarning")
@given(
    body=st.binary(max_size=300)
    | st.text(max_size=100).map(lambda text: text.encode("cp1256", "replace")),
    label=st.sampled_from(CODECS) | st.text(max_size=20),
    language=st.sampled_from(["ar", "en", None]),
)
def test_no_label_makes_it_fail(body: bytes, label: str, language: str | None) -> None:
    for content_type, override in ((f"text/html; charset={label}", None), (None, label)):
        text, charset = decode(body, content_type, override, language)
        assert isinstance(text, str)
        assert codecs.lookup(charset.name)


ITEMS = [f"<item><title>{ARABIC} {number}</title></item>" for number in range(4)]


@pytest.mark.parametrize("others", [(1,), (0, 3)], ids=["one of four", "two of four"])
def test_a_feed_may_be_of_two_encodings(others: tuple[int, ...]) -> None:
    encoded = [
        item.encode("cp1256" if number in others else "utf-8") for number, item in enumerate(ITEMS)
    ]
    if len(others) == 2:  # UTF-8 takes two bytes a letter: still most of what is not ASCII
        assert sum(map(len, encoded)) > len("".join(ITEMS))
    text, charset = decode(b"<rss>" + b"".join(encoded), "text/xml; charset=utf-8", None, "ar")
    assert text == "<rss>" + "".join(ITEMS)
    assert charset.name == "utf-8"


@pytest.mark.parametrize("wrongly", ["cp1252", "cp1256"])
def test_what_was_encoded_twice_is_read_as_it_was_meant(wrongly: str) -> None:
    meant = f"<p>{ARABIC.replace('«', '').replace('»', '')}</p>"
    table = {bytes([b]): bytes([b]).decode(wrongly, "ignore") or chr(b) for b in range(256)}
    twice = "".join(table[bytes([byte])] for byte in meant.encode()).encode()
    text, charset = decode(twice, None, None, "ar")
    assert text == meant
    assert (charset.name, charset.origin) == ("utf-8", "detector")


@pytest.mark.parametrize(
    "text", [ARABIC, "طظ طظ ظط", "Øystein Åse and the Ùnique", "L'été à Zouara", "ÙÙÙ ØØØ"]
)
def test_what_was_encoded_once_is_left_alone(text: str) -> None:
    assert decode(text.encode(), None, None, "ar")[0] == text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_feed_in_utf_16_is_read(encoding: str) -> None:
    feed = f'<?xml version="1.0" encoding="utf-16"?><rss><channel>{ITEMS[0]}</channel></rss>'
    source = Source(id="s", name="مصدر", url="https://x.ly/", language="ar", scope="libya")
    listing = read_listing(source, feed.encode(encoding), "application/rss+xml", source.url, NOW)
    assert [item.title for item in listing.items] == [f"{ARABIC} 0"]


@pytest.mark.parametrize("stretch", [b"<", "<p>خبر".encode("cp1256")], ids=["tags", "words"])
def test_a_body_of_millions_of_stretches_takes_little_memory(stretch: bytes) -> None:
    body = stretch * (2_000_000 // len(stretch)) + b"\xd8"
    tracemalloc.start()
    try:
        decode(body, "text/html", None, "ar")
        assert tracemalloc.get_traced_memory()[1] < 10 * len(body)
    finally:
        tracemalloc.stop()
