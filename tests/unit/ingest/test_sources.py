"""The catalogue of sources is checked as a whole, and every mistake has its line."""

import pytest

from services.contract.catalogues import CatalogueError
from services.ingest.config import PACKAGED_SOURCES
from services.ingest.core.sources import load_sources

GOOD = """sources:
  - id: local-paper
    name: صحيفة محلية
    url: https://example.ly/feed
    language: ar
"""


def problems(text: str) -> list[str]:
    with pytest.raises(CatalogueError) as caught:
        load_sources(text, "sources.yaml")
    return str(caught.value).split("\n")


def test_what_a_source_does_not_say_has_a_default() -> None:
    (source,) = load_sources(GOOD, "sources.yaml")
    assert (source.kind, source.scope, source.timezone) == ("feed", "libya", "Africa/Tripoli")
    assert (source.poll_min_s, source.poll_max_s) == (300, 3_600)
    assert (source.min_gap_s, source.max_concurrency, source.selector) == (None, None, None)
    assert (source.country, source.encoding, source.enabled) == (None, None, True)
    assert str(source.zone) == "Africa/Tripoli"


def test_words_are_taken_as_written() -> None:
    text = GOOD + "    country: NO\n    poll_min_s: 1.5\n    enabled: no\n    encoding: ~\n"
    (source,) = load_sources(text, "sources.yaml")
    assert (source.country, source.poll_min_s) == ("NO", 1.5)
    assert (source.enabled, source.encoding) == (False, None)


def test_the_packaged_catalogue_is_good() -> None:
    sources = load_sources(PACKAGED_SOURCES.read_text(encoding="utf-8"), str(PACKAGED_SOURCES))
    assert len(sources) >= 40
    assert len({source.url for source in sources}) == len(sources)
    assert {"ar", "en", "fr", "it", "tr"} <= {source.language for source in sources}
    assert all(source.scope == "libya" for source in sources if source.country == "LY")
    assert sum(source.scope == "world" for source in sources) >= 20


def test_every_mistake_is_named_at_once_with_its_line() -> None:
    text = (
        GOOD
        + """  - id: Local Paper
    url: ftp://example.ly
    langage: ar
    poll_min_s: 0
    timezone: Africa/Tripol
    encoding: windows-99
    enabled: maybe
  - just text
  - {id: local-paper, name: x, url: "https://example.ly/2", language: ar}
watch: 1
"""
    )
    found = problems(text)
    expected = [
        ("sources.yaml:15: watch: no such key", "Allowed: sources"),
        ("sources.yaml:6: id: 'Local Paper'", "lower-case letters"),
        ("sources.yaml:6: name: Field required", "1 to 200 characters"),
        ("sources.yaml:7: url: 'ftp://example.ly'", "https://"),
        ("sources.yaml:6: language: Field required", "ar, en or fr"),
        ("sources.yaml:8: langage: no such key", "did you mean language?"),
        ("sources.yaml:9: poll_min_s: '0'", "1 to 86400"),
        ("sources.yaml:10: timezone: 'Africa/Tripol'", "Africa/Tripoli"),
        ("sources.yaml:11: encoding: 'windows-99'", "windows-1256"),
        ("sources.yaml:12: enabled: 'maybe'", "true or false"),
        ("sources.yaml:13: a source is a mapping", "poll_min_s"),
        ("sources.yaml:14: id: local-paper is taken", "line 2"),
    ]
    for beginning, hint in expected:
        assert [line for line in found if line.startswith(beginning) and hint in line], beginning
    assert len(found) == len(expected)


@pytest.mark.parametrize(
    ("added", "problem"),
    [
        ("kind: rss", "6: kind: 'rss': Input should be 'feed', 'sitemap' or 'listing'. Allowed"),
        ("kind: listing", "2: selector: required with kind: listing. Allowed"),
        ("selector: a", "6: selector: 'a': only a listing has one. Allowed"),
        ("kind: listing\n    selector: 'a['", "7: selector: 'a[': no CSS selector"),
        ("poll_min_s: 7200", "2: poll_max_s: 3600: less than poll_min_s. Allowed"),
        ("poll_max_s: 10", "6: poll_max_s: '10': less than poll_min_s. Allowed"),
        ("scope: africa", "6: scope: 'africa': Input should be 'libya' or 'world'. Allowed"),
        ("max_concurrency: 9", "6: max_concurrency: '9': Input should be less than or equal to 4"),
        ("min_gap_s: -1", "6: min_gap_s: '-1': Input should be greater than or equal to 0"),
        ("encoding: base64", "6: encoding: 'base64': no such encoding. Allowed"),
        ("encoding: {a: b}", "6: encoding: {'a': 'b'}: Input should be a valid string. Allowed"),
        ("name: again", "6: name: given twice, first in line 3"),
        (
            "enabled: no\n  - {id: b, name: b, url: https://example.ly/feed, language: ar}",
            "7: url: https://example.ly/feed is taken by line 4",
        ),
    ],
)
def test_a_field_that_does_not_fit_is_named(added: str, problem: str) -> None:
    (found,) = problems(f"{GOOD}    {added}\n")
    assert found.startswith(f"sources.yaml:{problem}")


@pytest.mark.parametrize(
    "url",
    [
        "http://a.ly:99999/",
        "http://a.ly:0/",
        "https://user:pw@a.ly/",
        "http://[::1/",
        "http://:80/",
    ],
)
def test_an_address_that_cannot_be_asked_is_named(url: str) -> None:
    (found,) = problems(GOOD.replace("https://example.ly/feed", f'"{url}"'))
    assert found.startswith(f"sources.yaml:4: url: '{url}': ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "sources.yaml:1: expected 'sources:' with a list"),
        ("sources: []", "sources.yaml:1: expected 'sources:' with a list"),
        ("- id: a", "sources.yaml:1: expected 'sources:' with a list"),
        ("a: 1\nsources:\n  x: 1", "sources.yaml:3: expected 'sources:' with a list"),
        ("sources:\n  - id: [", "sources.yaml:2: not YAML"),
        ("sources:\n - a: \0", "sources.yaml:1: not YAML"),
        ("sources:\n - {? {a: b} : 1}", "sources.yaml:2: "),
        ("sources: " + "[" * 5_000, "sources.yaml:1: nested too deeply"),
        (GOOD + GOOD, "sources.yaml:6: sources: given twice, first in line 1"),
    ],
    ids=[
        *("empty", "empty list", "a list", "a mapping", "open bracket", "control", "complex key"),
        *("deep", "two lists"),
    ],
)
def test_what_is_no_catalogue_says_so(text: str, message: str) -> None:
    assert problems(text)[0].startswith(message)
