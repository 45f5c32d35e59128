"""XML of strangers to elements: never a file or an address read, no entity expanded, all bounded.

What breaks XML in practice is repaired before, and libxml2 recovers from the rest, so broken XML
yields what can be read of it. libxml2 itself stops at 256 levels.
"""

import html
import re
from functools import lru_cache
from itertools import islice

from lxml import etree

from services.ingest.core.items import FeedError

MAX_MARKS = {"<": 300_000, "=": 200_000, "&": 500_000}
"""How often a document may have what costs: tags, attributes, entities. It is cut there."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_PROLOG = re.compile(
    r"^[^<]*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE(?:[^\[>]*\[.*?\]\s*>|[^>]*>)|\s+)*",
    re.IGNORECASE | re.DOTALL,
)
_CDATA = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)", re.DOTALL)
_NUMBER = re.compile(r"&#(?:(\d{1,7})|[xX]([0-9a-fA-F]{1,6}));")
_NOT_XML = "&(?!(?:amp|lt|gt|quot|apos|#x27);)"  # the last is how html.escape writes apos
_ENTITIES = re.compile(rf"(?P<numbers>(?:{_NUMBER.pattern})+)|{_NOT_XML}[^\W\d]\w{{0,39}};")
_BARE_AMPERSAND = re.compile(_NOT_XML)


def parse_xml(text: str) -> etree._Element:
    """Return the root of ``text``; raise FeedError if there is none."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(_repaired(bounded(text)), parser)
    except etree.XMLSyntaxError as error:
        raise FeedError(f"no XML: {error}") from error
    if root is None:
        raise FeedError("no XML: no element")
    return root


def bounded(text: str) -> str:
    """Return ``text``, cut where it has more of what costs memory than any honest document."""
    for mark, most in MAX_MARKS.items():
        if text.count(mark) > most:
            places = (found.start() for found in re.finditer(mark, text))
            text = text[: next(islice(places, most, None))]
    return text


@lru_cache(maxsize=1_000)
def split_tag(tag: str) -> tuple[str, str]:
    """Return namespace and local name of an element's tag."""
    namespace, _, local = tag.rpartition("}")
    return namespace.removeprefix("{"), local


def text_of(element: etree._Element) -> str:
    """Return all text within ``element``."""
    return "".join(map(str, element.itertext())).strip()


def _repaired(text: str) -> bytes:
    """Return ``text`` in UTF-8 without what stops an XML parser: see the pieces.

    One piece after the other, so that a large text is not in memory several times.
    """
    # Blanks before the declaration, an encoding that is no longer true, entities that may be bombs.
    prolog = _PROLOG.match(text)
    start = prolog.end() if prolog else 0
    repaired = bytearray()
    for cdata in _CDATA.finditer(text, start):
        repaired += _repair_ampersands(_CONTROL.sub("", text[start : cdata.start()])).encode()
        repaired += _CONTROL.sub("", cdata[0]).encode()
        start = cdata.end()
    repaired += _repair_ampersands(_CONTROL.sub("", text[start:])).encode()
    return bytes(repaired)


def _repair_ampersands(text: str) -> str:
    if "&" not in text:
        return text
    return _BARE_AMPERSAND.sub("&amp;", _ENTITIES.sub(_repair_entity, text))


def _repair_entity(found: re.Match[str]) -> str:
    """Return the characters for numbers and HTML's entities; what is none of them as it is.

    XML lacks the entities, and libxml2 passes on numbers that are halves of characters (&#55357;
    &#56832; is one, as JavaScript counts), of which Python can make no text.
    """
    whole = found.group()
    if found["numbers"]:
        codes = (int(ten or sixteen, 10 if ten else 16) for ten, sixteen in _NUMBER.findall(whole))
        written = "".join(chr(code) for code in codes if code < 0x110000)
        joined = written.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
        return html.escape(_CONTROL.sub("", joined))
    character = html.unescape(whole)
    return whole if character == whole else html.escape(character)
