"""What the sample site sends: its feeds, article pages and index, rendered from the templates.

The same newsroom, start and address give the same bytes.
"""

import html
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from functools import cache
from string import Template
from urllib.parse import quote

from deploy.demo.newsroom import HERE, Article, Labels, Newsroom, Outlet, Version

TRIPOLI = timezone(timedelta(hours=2))
"""Libya's clocks have not changed since 2013, so no zone data is needed."""

RELATED_STORIES = 4


@dataclass(frozen=True)
class Pages:
    """The site as it looks from ``start`` (aware) on, at ``address`` (``http://host:port``)."""

    newsroom: Newsroom
    start: datetime
    address: str

    def path(self, article: Article) -> str:
        """Return the path, and query where the outlet has one, of an article's page."""
        published = self.published(article)
        return Template(self.outlet(article).article_path).substitute(
            slug=article.slug,
            number=article.number,
            headline=quote("-".join(article.first.title.split())),
            year=f"{published:%Y}",
            month=f"{published:%m}",
            day=f"{published:%d}",
        )

    def outlet(self, article: Article) -> Outlet:
        """Return the outlet that published the article."""
        return self.newsroom.outlets[article.about.outlet]

    def published(self, article: Article) -> datetime:
        """Return when the article came out, to the second."""
        moment = self.start - timedelta(hours=article.about.hours_before)
        return moment.astimezone(TRIPOLI).replace(microsecond=0)

    def updated(self, article: Article, version: Version) -> datetime:
        """Return when that wording came out: a correction, a second after each edition."""
        if version is article.first:
            return self.published(article)
        correction = self.start + timedelta(seconds=version.edition - 1)
        return correction.astimezone(TRIPOLI).replace(microsecond=0)

    def index(self) -> bytes:
        """Render the page that says what this site is and lists its feeds."""
        outlets = "\n".join(
            f'<li><a href="/{outlet.id}/feed.xml">{escape(outlet.name)}</a></li>'
            for outlet in self.newsroom.outlets.values()
        )
        return template("index.html").substitute(outlets=outlets).encode()

    def feed(self, outlet: Outlet, edition: int) -> bytes:
        """Render that edition of the outlet's feed, newest article first."""
        articles = self.newsroom.articles_of(outlet, edition)
        entries = [self.entry(outlet, article, edition) for article in articles]
        fields = self.outlet_fields(outlet) | {
            "entries": "".join(entries),
            "updated": self.last_modified(outlet, edition).isoformat(),
        }
        return encoded(template(f"{outlet.feed}.xml").substitute(fields), outlet)

    def last_modified(self, outlet: Outlet, edition: int) -> datetime:
        """Return when that edition of the outlet's feed was new."""
        return (self.start + timedelta(seconds=edition - 1)).replace(microsecond=0)

    def entry(self, outlet: Outlet, article: Article, edition: int) -> str:
        """Render an article as an entry of its outlet's feed."""
        version = seen(article, edition)
        link = self.address + self.path(article)
        if outlet.tracking:
            link += "?utm_source=rss&utm_medium=feed&utm_campaign=latest"
        fields = self.article_fields(article, version) | {
            "link": escape(link),
            "guid": f"tag:{outlet.id}.example,2026:{article.number}",
            "summary": escape(escape(version.paragraphs[0])),
            "full_text": full_text(outlet, version),
        }
        return template(f"{outlet.feed}_entry.xml").substitute(fields)

    def page(self, article: Article, edition: int) -> bytes:
        """Render an article's page as readers of that edition see it."""
        outlet = self.outlet(article)
        labels = self.newsroom.labels[article.about.language]
        version = seen(article, edition)
        fields = (
            self.outlet_fields(outlet)
            | self.article_fields(article, version)
            | label_fields(labels)
            | body_fields(version)
            | self.story_fields(article, edition)
        )
        fields |= {
            "metadata": self.metadata(article, version),
            "date": self.visible_date(article, labels),
            "crumbs": f'<a href="{fields["home"]}">{fields["home_label"]}</a> &raquo; '
            f"<span>{fields['section']}</span> &raquo; <span>{fields['title']}</span>",
            "image": f"{self.address}/media/sample.svg",
        }
        return encoded(template(outlet.template).substitute(fields), outlet)

    def outlet_fields(self, outlet: Outlet) -> dict[str, str]:
        """Return what templates say about an outlet."""
        return {
            "outlet": escape(outlet.name),
            "tagline": escape(outlet.tagline),
            "language": outlet.language,
            "charset": outlet.charset,
            "home": f"{self.address}/{outlet.id}/",
            "feed": f"{self.address}/{outlet.id}/feed.xml",
        }

    def article_fields(self, article: Article, version: Version) -> dict[str, str]:
        """Return what templates say about an article, its text excepted."""
        return {
            "title": escape(version.title),
            "byline": escape(article.about.byline),
            "section": escape(article.about.section),
            "language": article.about.language,
            "published": self.published(article).isoformat(),
            "published_rfc822": format_datetime(self.published(article)),
            "updated": self.updated(article, version).isoformat(),
        }

    def related(self, article: Article, edition: int) -> list[Article]:
        """Return the articles of the same outlet and language that come after this one."""
        own = self.newsroom.articles_of(self.outlet(article), edition)
        kin = [other for other in own if other.about.language == article.about.language]
        place = kin.index(article)
        return [*kin[place + 1 :], *kin[:place]]

    def story_fields(self, article: Article, edition: int) -> dict[str, str]:
        """Return the boxes that list other stories."""
        others = [
            f'<li class="post-item"><a href="{escape(self.address + self.path(other))}">'
            f"{escape(seen(other, edition).title)}</a></li>"
            for other in self.related(article, edition)
        ]
        return {
            "related_stories": "".join(others[:RELATED_STORIES]),
            "most_read_stories": "".join(others[-RELATED_STORIES:]),
        }

    def metadata(self, article: Article, version: Version) -> str:
        """Return the head's canonical link and og: tags, and the date where the outlet has it."""
        outlet = self.outlet(article)
        url = self.address + self.path(article)
        properties = {
            "og:type": "article",
            "og:title": version.title,
            "og:description": version.paragraphs[0],
            "og:url": url,
            "og:site_name": outlet.name,
            "og:image": f"{self.address}/media/sample.svg",
        }
        published, updated = self.published(article), self.updated(article, version)
        if outlet.page_date == "meta":
            properties["article:published_time"] = published.isoformat()
            properties["article:modified_time"] = updated.isoformat()
        lines = [f'<link rel="canonical" href="{escape(url)}">']
        lines += [
            f'<meta property="{name}" content="{escape(value)}">'
            for name, value in properties.items()
        ]
        if outlet.page_date == "json-ld":
            facts = {
                "@context": "https://schema.org",
                "@type": "NewsArticle",
                "headline": version.title,
                "mainEntityOfPage": url,
                "datePublished": published.isoformat(),
                "dateModified": updated.isoformat(),
                "author": {"@type": "Organization", "name": article.about.byline},
                "publisher": {"@type": "Organization", "name": outlet.name},
            }
            linked_data = json.dumps(facts, ensure_ascii=False)
            lines.append(f'<script type="application/ld+json">{linked_data}</script>')
        return "\n".join(lines)

    def visible_date(self, article: Article, labels: Labels) -> str:
        """Return the date line of a page; nothing where the outlet prints none."""
        outlet = self.outlet(article)
        if outlet.page_date == "none":
            return ""
        published = self.published(article)
        words = f"{published.day} {labels.months[published.month - 1]} {published.year}"
        if outlet.page_date == "time":
            words = f'<time datetime="{published.isoformat()}">{words}</time>'
        return f'<span class="date">{escape(labels.published)} {words}</span>'


@cache
def template(name: str) -> Template:
    """Return one of the templates."""
    return Template((HERE / "templates" / name).read_text("utf-8"))


def escape(text: str) -> str:
    """Return the text as HTML and XML take it."""
    return html.escape(text)


def encoded(document: str, outlet: Outlet) -> bytes:
    """Return the document in the outlet's charset, what it lacks as character references."""
    return document.encode(outlet.charset, "xmlcharrefreplace")


def seen(article: Article, edition: int) -> Version:
    """Return what that edition shows of an article it shows; raises LookupError otherwise."""
    version = article.version(edition)
    if version is None:
        raise LookupError(f"{article.slug} is not out in edition {edition}")
    return version


def label_fields(labels: Labels) -> dict[str, str]:
    """Return the words around an article as templates take them."""
    words = {name: escape(value) for name, value in labels if isinstance(value, str)}
    words["home_label"] = words.pop("home")
    words |= {f"shares_{place}": word for place, word in enumerate(labels.shares, start=1)}
    words["menu"] = "".join(f'<li><a href="#">{escape(word)}</a></li>' for word in labels.menu)
    words["share_on"] = " ".join(f'<a href="#">{escape(word)}</a>' for word in labels.share_on)
    return words


def body_fields(version: Version) -> dict[str, str]:
    """Return the text of an article in the three ways that templates lay it out."""
    blocks = [block(paragraph) for paragraph in version.paragraphs]
    middle = (len(blocks) + 1) // 2
    return {
        "paragraphs": "\n".join(blocks),
        "paragraphs_before": "\n".join(blocks[:middle]),
        "paragraphs_after": "\n".join(blocks[middle:]),
        "broken_lines": "<br><br>\n".join(lines(version.paragraphs)),
    }


def block(paragraph: str) -> str:
    """Return a paragraph, or a subheading, as an HTML block."""
    if paragraph.startswith("## "):
        return f"<h2>{escape(paragraph.removeprefix('## '))}</h2>"
    return f"<p>{escape(paragraph)}</p>"


def lines(paragraphs: Iterable[str]) -> Iterable[str]:
    """Yield paragraphs as text, subheadings bold."""
    for paragraph in paragraphs:
        heading = paragraph.removeprefix("## ")
        yield escape(paragraph) if heading == paragraph else f"<b>{escape(heading)}</b>"


def full_text(outlet: Outlet, version: Version) -> str:
    """Return the feed's element with the whole text, nothing where the feed has summaries."""
    if outlet.feed_text == "summary":
        return ""
    body = "\n".join(block(paragraph) for paragraph in version.paragraphs)
    if outlet.feed == "atom":
        return f'\n<content type="html">{escape(body)}</content>'
    return f"\n<content:encoded><![CDATA[{body}]]></content:encoded>"
