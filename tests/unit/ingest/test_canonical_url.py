"""One address for one article, however it is written."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.canonical_url import UrlError, accept_canonical, canonicalise

TABLE: list[list[str]] = yaml.safe_load(Path(__file__).with_name("canonical_urls.yaml").read_text())


@pytest.mark.parametrize(
    ("canonical", "written"), [(row[0], url) for row in TABLE for url in row], ids=repr
)
def test_every_spelling_has_its_canonical_form(canonical: str, written: str) -> None:
    assert canonicalise(written) == canonical


def test_different_articles_stay_different() -> None:
    canonical = [row[0] for row in TABLE]
    assert len(set(canonical)) == len(canonical)
    assert canonicalise("https://x.ly/?id=1") != canonicalise("https://x.ly/?id=2")
    assert canonicalise("https://x.ly/A") != canonicalise("https://x.ly/a")


PIECES = st.text(alphabet="/.%aZ09?&=#+:@~ -_ليبيا\u0301éß[]\\'\"<>", max_size=40)


@given(st.one_of(PIECES, st.text(max_size=40)))
def test_the_canonical_form_is_its_own(rest: str) -> None:
    try:
        once = canonicalise(f"https://example.ly/{rest}")
    except UrlError:
        return
    assert canonicalise(once) == once
    assert once.isascii()


@given(
    st.sampled_from(["a-ly.cdn.ampproject.org", "www.google.com"]),
    st.lists(
        st.sampled_from(["amp", "c", "s", "a.ly", "x%3Fy", ".", "..", "", "b.ly:7", "b.ly:x"])
    ),
)
def test_the_canonical_form_of_what_a_cache_holds_is_its_own(host: str, parts: list[str]) -> None:
    once = canonicalise(f"https://{host}/{'/'.join(parts)}")
    assert canonicalise(once) == once


@given(st.text(max_size=60))
def test_anything_is_an_address_or_an_error(text: str) -> None:
    try:
        canonical = canonicalise(text)
    except UrlError:
        return
    assert canonicalise(canonical) == canonical


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news/1",
        "mailto:a@b.ly",
        "javascript:alert(1)",
        "https://",
        "https://[bad/",
        "http://x:y/",
        "https://a%2Fb.ly/",
        "https://a%00b.ly/",
        "https://a%25b.ly/",
        "https://a%FF.ly/",
        "https://example.ly/" + "a" * 4_096,
        "https://example.ly/" + "خبر" * 1_000,  # three times as long when it is written for a wire
    ],
    ids=lambda url: url[:40],
)
def test_what_is_no_address_of_a_page_is_refused(url: str) -> None:
    with pytest.raises(UrlError):
        canonicalise(url)


def test_a_relative_link_is_resolved() -> None:
    assert canonicalise("../news/1", base="https://x.ly/ar/feed") == "https://x.ly/news/1"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (None, "https://x.ly/news/1"),
        ("https://x.ly/news/one", "https://x.ly/news/one"),
        ("/news/one", "https://x.ly/news/one"),
        ("https://m.x.ly/news/one", "https://x.ly/news/one"),
        ("https://ar.x.ly/news/one", "https://ar.x.ly/news/one"),
        ("https://other.ly/news/one", "https://x.ly/news/1"),
        ("https://www.x.ly/", "https://x.ly/news/1"),
        ("https://x.ly/news", "https://x.ly/news/1"),
        ("not a link at all://", "https://x.ly/news/1"),
    ],
    ids=[
        *("none", "same site", "relative", "mobile", "part of the site", "another site"),
        *("front page", "section", "rubbish"),
    ],
)
def test_a_rel_canonical_is_believed_only_on_the_same_site(link: str | None, expected: str) -> None:
    assert accept_canonical(link, "https://www.x.ly/news/1?utm_source=rss") == expected


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("https://one.com.ly/a", "https://two.com.ly/b"),
        ("https://one.blogspot.com/a", "https://two.blogspot.com/b"),
        ("https://one.co.uk/a", "https://two.co.uk/b"),
        ("http://127.0.0.1/a", "http://10.0.0.1/b"),
        ("https://www.com.ly/a", "https://com.com.ly/b"),
    ],
)
def test_what_only_looks_like_the_same_site_is_another(page: str, link: str) -> None:
    assert accept_canonical(link, page) == canonicalise(page)
