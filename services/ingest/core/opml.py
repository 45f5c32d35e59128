"""Sources to OPML and back: how feed readers exchange their subscriptions (http://opml.org)."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from urllib.parse import urlsplit

from lxml import etree

from services.ingest.core.items import FeedError
from services.ingest.core.sources import Source
from services.ingest.core.xml import parse_xml

NAMESPACE = "urn:rasid:source"
"""Of the attributes that only Rasid knows, so that its own export loses nothing."""

MAX_ID_CHARS = 63

_LATIN = str.maketrans(
    dict.fromkeys("اىةع", "a")
    | dict(zip("بتجحدرزسصضطظفقكلمنهوي", "btjhdrzssdtzfqklmnhwy", strict=True))
    | {"ث": "th", "خ": "kh", "ذ": "dh", "ش": "sh", "غ": "gh", "ء": "", "چ": "ch", "ژ": "zh"}
    | {"پ": "p", "ڤ": "v", "گ": "g", "ک": "k", "ی": "y", "ھ": "h", "ە": "a", "ı": "i"}
)


def write_opml(sources: Iterable[Source]) -> str:
    """Return the subscriptions as OPML 2.0."""
    root = etree.Element("opml", version="2.0", nsmap={"rasid": NAMESPACE})
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "Rasid"
    body = etree.SubElement(root, "body")
    for source in sources:
        outline = etree.SubElement(body, "outline", text=source.name, title=source.name)
        outline.set("type", "rss")
        outline.set("xmlUrl", source.url)
        outline.set("language", source.language)
        for name, value in source.model_dump(mode="json", exclude_defaults=True).items():
            if name not in ("name", "url", "language"):
                outline.set(f"{{{NAMESPACE}}}{name}", str(value))
    return etree.tostring(root, encoding="unicode", pretty_print=True)


def read_opml(text: str, language: str, taken: Collection[str]) -> list[dict[str, str]]:
    """Return the entries for a catalogue that the outlines of ``text`` with an address make.

    ``language`` is meant where an outline names none, ``taken`` are ids that are in use. Raises
    FeedError if the text is no OPML. Whether the values are good is for the catalogue to say.
    """
    root = parse_xml(text)
    if root.tag != "opml":
        raise FeedError(f"<{root.tag}> begins no OPML")
    ids = set(taken)
    entries: dict[str, dict[str, str]] = {}
    for outline in root.iter("outline"):
        url = str(outline.get("xmlUrl", "")).strip()
        if not url or url in entries:
            continue
        entry = _entry(outline, url, language)
        entry["id"] = next(name for name in _names(entry["id"]) if name not in ids)
        ids.add(entry["id"])
        entries[url] = entry
    return list(entries.values())


def _entry(outline: etree._Element, url: str, language: str) -> dict[str, str]:
    title = str(outline.get("title") or outline.get("text") or "").strip()
    own = {
        str(name).rpartition("}")[2]: str(value)
        for name, value in outline.attrib.items()
        if str(name).startswith(f"{{{NAMESPACE}}}")
    }
    name = title or _host(url)
    return {
        "id": make_id(name) or make_id(_host(url)) or "source",
        "name": name[:200],
        "url": url,
        "language": str(outline.get("language") or language),
        **own,
    }


def make_id(title: str) -> str:
    """Return ``title`` as an id: Latin letters, Arabic ones as they sound; "" if none is left."""
    decomposed = unicodedata.normalize("NFKD", title.lower())
    ascii_only = decomposed.translate(_LATIN).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only)[:MAX_ID_CHARS].strip("-")


def _names(name: str) -> Iterator[str]:
    yield name
    for number in range(2, 1_000_000):
        yield f"{name[: MAX_ID_CHARS - 8]}-{number}"


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
