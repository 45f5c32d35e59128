"""Extraction: every line of the article, and no other.

Scored on pages of the kinds that news sites are made of (``extraction/README.md``) and on those of
the sample site.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Template
from zoneinfo import ZoneInfo

import pytest
from lxml.html import fragment_fromstring

from deploy.demo.newsroom import load
from deploy.demo.site import DemoSite
from services.ingest.core.charset import decode
from services.ingest.core.extract import extract

SAMPLES = Path(__file__).parent / "extraction"
FLOOR = 0.95
"""Precision and recall of lines over the pages of ``extraction``. Never lowered."""

SAMPLE_SITE_FLOOR = 0.98
"""The same over the pages of the sample site. Never lowered; measured: 1.0 and 1.0."""

TRIPOLI = ZoneInfo("Africa/Tripoli")
LINE = re.compile(r"\$(?P<name>[ph]\d)|\[\[(?P<written>.*?)\]\]", re.DOTALL)


@dataclass(frozen=True)
class Sample:
    body: bytes
    language: str
    lines: list[str]
    headlines: list[str]


def stories() -> dict[str, dict[str, str]]:
    """Return for each story what the placeholders of pages stand for."""
    found = {}
    for block in (SAMPLES / "stories.txt").read_text(encoding="utf-8").strip().split("\n\n"):
        (head, title), rest = block.split("\n")[:2], block.split("\n")[2:]
        _, name, language = head.split()
        values = {"title": title, "language": language}
        for prefix, mark in (("h", "# "), ("related", "~ "), ("p", "")):
            chosen = [line for line in rest if line.startswith(mark)]
            rest = [line for line in rest if line not in chosen]
            for number, line in enumerate(chosen, 1):
                values[f"{prefix}{number}"] = line.removeprefix(mark)
        found[name] = values
    return found


def sample(path: Path) -> Sample:
    head, _, page = path.read_text(encoding="utf-8").partition("\n")
    story, _, encoding = re.findall(r"story: (\w+)(; encoding: ([\w-]+))?", head)[0]
    values = stories()[story]
    lines = [
        values[found["name"]] if found["name"] else plain(found["written"])
        for found in LINE.finditer(page)
    ]
    markup = Template(page.replace("[[", "").replace("]]", "")).substitute(values)
    headlines = [values[f"related{number}"] for number in range(1, 5)]
    return Sample(markup.encode(encoding or "utf-8"), values["language"], lines, headlines)


def plain(markup: str) -> str:
    words = fragment_fromstring(f"<div>{markup}</div>").itertext()
    return " ".join(" ".join(map(str, words)).split())


@lru_cache
def samples() -> dict[str, Sample]:
    return {path.stem: sample(path) for path in sorted((SAMPLES / "pages").glob("*.html"))}


@lru_cache
def extracted() -> dict[str, list[str]]:
    return dict(read_samples())


def read_samples() -> Iterator[tuple[str, list[str]]]:
    for name, page in samples().items():
        markup, _ = decode(page.body, None, None, page.language)
        yield name, list(filter(None, extract(markup, TRIPOLI).text.split("\n")))


def test_the_articles_are_read_whole_and_alone() -> None:
    written = {(name, line) for name, page in samples().items() for line in page.lines}
    read = [(name, line) for name, lines in extracted().items() for line in lines]
    both = written & set(read)
    assert len(samples()) >= 30
    assert len(both) / len(read) >= FLOOR, set(read) - both
    assert len(both) / len(written) >= FLOOR, written - both


@pytest.mark.parametrize("name", samples())
def test_no_headline_of_another_article_is_in_the_text(name: str) -> None:
    text = "\n".join(extracted()[name])
    assert [headline for headline in samples()[name].headlines if headline in text] == []


@pytest.mark.parametrize("name", samples())
def test_the_lines_are_in_the_order_of_the_page(name: str) -> None:
    lines = samples()[name].lines
    read = [line for line in extracted()[name] if line in lines]
    assert read == sorted(read, key=lines.index)


def lines_of_the_sample_site() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the (article, line) pairs that were written and those that were extracted."""
    written, read = [], []
    newsroom = load()
    with DemoSite(newsroom=newsroom) as site:
        for slug, article in newsroom.articles.items():
            markup, _ = decode(site.pages.page(article, edition=100), None, None, "ar")
            read += [(slug, line) for line in extract(markup, TRIPOLI).text.split("\n")]
            paragraphs = (paragraph.removeprefix("## ") for paragraph in article.last.paragraphs)
            written += [(slug, " ".join(paragraph.split())) for paragraph in paragraphs]
    return written, read


def test_the_articles_of_the_sample_site_are_read_whole_and_alone() -> None:
    written, read = lines_of_the_sample_site()
    both = set(written) & set(read)
    assert len(both) / len(read) >= SAMPLE_SITE_FLOOR, set(read) - both
    assert len(both) / len(written) >= SAMPLE_SITE_FLOOR, set(written) - both
    titles = {" ".join(article.last.title.split()) for article in load().articles.values()}
    assert [pair for pair in read if pair[1] in titles] == []
