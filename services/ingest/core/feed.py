"""A feed's text to its items: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0.

A feed is judged by what it yields, not by its first error: what breaks XML in practice is repaired
before, and libxml2 recovers from the rest. Read with lxml itself, since the parsers made for it
fall short: fastfeedparser 0.6.5 gives dates without a zone as UTC, does not resolve xml:base and
loses all items after a control character in CDATA; feedparser takes six times as long.
"""

import hashlib
import html
import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from lxml import etree

from services.ingest.core.dates import Moment, read_date

MAX_KEY_BYTES = 200
"""A longer key, as JSON writes it, is replaced by its hash."""

MAX_ITEMS = 5_000
"""Items read of one feed: what the source's cursor can hold in one message."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_PROLOG = re.compile(r"^[^<]*(?:<\?xml[^>]*\?>)?")
_DOCTYPE = re.compile(r"<!DOCTYPE(?:[^\[>]*\[.*?\]\s*>|[^>]*>)", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"&#(?:(\d{1,7})|[xX]([0-9a-fA-F]{1,6}));")
_TOO_LONG_NUMBER = re.compile(r"&#\d{8,};?")
_CDATA_OR_AMPERSAND = re.compile(
    rf"<!\[CDATA\[.*?\]\]>|(?P<numbers>(?:{_NUMBER.pattern})+)|&(?:(?P<name>\w+);)?", re.DOTALL
)
_XML_ENTITIES = {"amp", "lt", "gt", "quot", "apos"}
_TAG = re.compile(r"<[^>]{1,500}>")
_NAMESPACES = {
    "": "",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://backend.userland.com/rss2": "",
    "http://www.w3.org/2005/Atom": "",
    "http://purl.org/atom/ns#": "",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/terms/": "dc:",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner:",
}
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"


class FeedError(ValueError):
    """The text holds no feed that could be read."""


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One item as the feed gives it. ``content_html`` is the longest text of it there is."""

    key: str
    title: str
    link: str
    content_html: str
    byline: str | None
    section: str | None
    published: Moment | None
    updated: Moment | None


def parse_feed(text: str, url: str, zone: ZoneInfo) -> list[FeedItem]:
    """Return the items of the feed that was fetched from ``url``, in its order, keys unique.

    ``zone`` is meant where a date names none. An empty feed has no items; raises FeedError if the
    text is none. Never fetches anything, expands no entities.
    """
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(_repair(text).encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        raise FeedError(str(error)) from error
    if root is None or _name(root) not in ("rss", "feed", "RDF", "channel"):
        raise FeedError("no rss, feed or rdf element" if root is None else f"<{_name(root)}>")
    elements = (e for e in root.iter(etree.Element) if _name(e) in ("item", "entry"))
    items = [_item(element, _base(element, url), zone) for element in islice(elements, MAX_ITEMS)]
    return _with_unique_keys(items)


def _repair(text: str) -> str:
    """Return ``text`` without what stops an XML parser: see the pieces."""
    text = _CONTROL.sub("", text)
    text = _PROLOG.sub("", text, count=1)  # blanks before it; an encoding that is no longer true
    text = _DOCTYPE.sub("", text, count=1)  # declares entities, which may be bombs
    return _CDATA_OR_AMPERSAND.sub(_repair_ampersand, text)


def _repair_ampersand(found: re.Match[str]) -> str:
    """Return the characters for numbers and HTML's entities, and escape a bare ampersand.

    XML lacks the entities, and libxml2 passes on numbers that are halves of characters (&#55357;
    &#56832; is one, as JavaScript counts), of which Python can make no text.
    """
    whole, name = found.group(), found["name"]
    if found["numbers"]:
        codes = (int(ten or sixteen, 10 if ten else 16) for ten, sixteen in _NUMBER.findall(whole))
        written = "".join(chr(code) for code in codes if code < 0x110000)
        joined = written.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
        return html.escape(_CONTROL.sub("", joined))
    if name is None:
        return "&amp;" if whole == "&" else whole
    if name in _XML_ENTITIES:
        return whole
    character = html.unescape(whole)
    return "&amp;" + whole[1:] if character == whole else html.escape(character)


def _name(element: etree._Element) -> str:
    return _qualified(str(element.tag))


@lru_cache(maxsize=1_000)
def _qualified(tag: str) -> str:
    """Return the local name, with the usual prefix where the namespace is not the feed's own."""
    namespace, _, local = tag.rpartition("}")
    if ":" in local:  # a prefix that was never declared
        return local
    namespace = namespace.removeprefix("{")
    if namespace.endswith("rdf-syntax-ns#"):
        return local
    prefix = _NAMESPACES.get(namespace)
    return f"other:{local}" if prefix is None else prefix + local


def _base(element: etree._Element, url: str) -> str:
    bases = [
        ancestor.get(_XML_BASE, "") for ancestor in (element, *element.iterancestors(etree.Element))
    ]
    for base in reversed(bases):
        url = _absolute(url, base)
    return url


def _absolute(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:
        return link  # no address at all; fetching it says so


def _item(element: etree._Element, base: str, zone: ZoneInfo) -> FeedItem:
    children: dict[str, list[etree._Element]] = {}
    for child in element.iterchildren(etree.Element):
        children.setdefault(_name(child), []).append(child)

    def text(*names: str) -> str:
        texts = (_text(child) for name in names for child in children.get(name, ()))
        return next(filter(None, texts), "")

    def date(*names: str) -> Moment | None:
        dates = (read_date(text(name), zone) for name in names)
        return next(filter(None, dates), None)

    bodies = [
        _html(child)
        for name in ("content:encoded", "content", "description", "summary")
        for child in children.get(name, ())
    ]
    guid = text("guid", "id") or element.get(f"{{{_RDF}}}about", "")
    link = _link(children, text("feedburner:origLink"), guid)
    return FeedItem(
        key=guid,
        title=_plain(text("title", "dc:title")),
        link=_absolute(base, link) if link else "",
        content_html=max(bodies, key=len, default=""),
        byline=text("dc:creator") or _author(children) or None,
        section=_plain(text("category", "dc:subject")) or None,
        published=date("pubDate", "published", "issued", "dc:date", "dc:issued", "date"),
        updated=date("updated", "modified", "dc:modified"),
    )


_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def _link(children: dict[str, list[etree._Element]], original: str, guid: str) -> str:
    """Return the address of the item's page as written, "" if it has none."""
    candidates = [original]
    links = [
        link for link in children.get("link", ()) if link.get("rel", "alternate") == "alternate"
    ]
    links.sort(key=lambda link: link.get("type", "text/html") != "text/html")
    candidates += [link.get("href", "") or _text(link) for link in links]
    is_permalink = all(
        e.get("isPermaLink", "").lower() != "false" for e in children.get("guid", ())
    )
    if is_permalink and guid.startswith(("http://", "https://")):
        candidates.append(guid)
    return next(filter(None, (candidate.strip() for candidate in candidates)), "")


def _author(children: dict[str, list[etree._Element]]) -> str:
    for author in children.get("author", ()):
        names = [
            _text(child) for child in author.iterchildren(etree.Element) if _name(child) == "name"
        ]
        if found := next(filter(None, names), "") or _text(author):
            return found
    return ""


def _text(element: etree._Element) -> str:
    return "".join(map(str, element.itertext())).strip()


def _html(element: etree._Element) -> str:
    """Return the element's content as HTML, whichever way the feed wraps it."""
    kind = element.get("type", "html").lower()
    if kind == "xhtml":
        return etree.tostring(element, encoding="unicode", with_tail=False)
    return html.escape(_text(element)) if kind in ("text", "text/plain") else _text(element)


def _plain(text: str) -> str:
    """Return a title as text: many are HTML although they should not be."""
    text = _TOO_LONG_NUMBER.sub("", _TAG.sub(" ", text) if "<" in text else text)
    return " ".join(html.unescape(text).split())  # which raises for a number without end


def _with_unique_keys(items: list[FeedItem]) -> list[FeedItem]:
    """Give each item a key of its own: its guid, unless missing or repeated, then also its link."""
    times = Counter(item.key for item in items)
    keyed: dict[str, FeedItem] = {}
    for item in items:
        key = item.key if item.key and times[item.key] == 1 else f"{item.key}|{item.link}|"
        if key == "||":
            key = f"|{item.title}"
        if len(json.dumps(key, ensure_ascii=False).encode()) > MAX_KEY_BYTES:
            key = hashlib.sha256(key.encode()).hexdigest()
        keyed.setdefault(key, replace(item, key=key))  # the same item twice: the newer comes first
    return list(keyed.values())
