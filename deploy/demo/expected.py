"""What must have come through when everything on the sample site has arrived."""

from collections import Counter
from itertools import combinations

from deploy.demo.newsroom import Newsroom, Record, Version, Words, read_yaml
from deploy.demo.site import DemoSite
from services.ingest.core.canonical_url import canonicalise

SHARED_PARAGRAPHS = 3
"""Whole paragraphs in common from which on two articles count as sharing a text."""


class Search(Record):
    """A query and the slugs of articles that must be among its hits."""

    query: Words
    finds: tuple[Words, ...]


def searches() -> tuple[Search, ...]:
    """Return the searches of ``expected.yaml``."""
    return tuple(Search(**entry) for entry in read_yaml("expected.yaml"))


def final_revisions(site: DemoSite) -> dict[str, int]:
    """Return the revision that each article ends at, by its canonical URL."""
    return {
        canonicalise(site.article_url(slug)): len(article.versions)
        for slug, article in site.newsroom.articles.items()
    }


def languages(newsroom: Newsroom) -> Counter[str]:
    """Return how many articles there are in each language."""
    return Counter(article.about.language for article in newsroom.articles.values())


def corrections(newsroom: Newsroom) -> dict[str, Version]:
    """Return what the corrected articles say in the end, by slug."""
    return {
        slug: article.last
        for slug, article in newsroom.articles.items()
        if len(article.versions) > 1
    }


def near_duplicates(newsroom: Newsroom) -> tuple[frozenset[str], ...]:
    """Return the groups of slugs that are one text with small changes."""
    groups: dict[str, set[str]] = {}
    for slug, article in newsroom.articles.items():
        if article.about.copy_of:
            groups.setdefault(article.about.copy_of, {article.about.copy_of}).add(slug)
    return tuple(frozenset(group) for group in groups.values())


def shared_paragraphs(newsroom: Newsroom) -> dict[frozenset[str], frozenset[str]]:
    """Return the paragraphs in common of each pair of slugs that shares a text."""
    shared = {
        frozenset((one.slug, other.slug)): frozenset(one.last.paragraphs)
        & frozenset(other.last.paragraphs)
        for one, other in combinations(newsroom.articles.values(), 2)
    }
    return {pair: common for pair, common in shared.items() if len(common) >= SHARED_PARAGRAPHS}


def surroundings(site: DemoSite, slug: str) -> frozenset[str]:
    """Return the lines of an article's last page that must not be in the article's text."""
    article = site.newsroom.articles[slug]
    labels = site.newsroom.labels[article.about.language]
    words = [labels.related, labels.read_also, labels.newsletter_text, labels.author_text]
    edition = site.newsroom.last_edition(site.pages.outlet(article))
    stories = site.pages.related(article, edition)
    return frozenset([*words, labels.comment, labels.sample, *(s.last.title for s in stories)])
