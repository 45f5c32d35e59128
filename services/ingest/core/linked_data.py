"""What the JSON-LD of a page says about its article."""

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml.html import HtmlElement

_ARTICLE_TYPES = ("Article", "BlogPosting", "LiveBlogPosting", "Report")
_NESTED = ("@graph", "mainEntity", "itemListElement", "item")
_MAX_NODES = 200
_FIELD = re.compile(r'"(datePublished|dateModified|headline)"\s*:\s*"((?:[^"\\\n]|\\.){1,500})"')
_AROUND = re.compile(r"^\s*(?:<!--|//<!\[CDATA\[|/\*.*?\*/)?|(?:-->|//\]\]>|;)\s*$")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")


def linked_article(tree: HtmlElement) -> dict[str, Any]:
    """Return the first JSON-LD object of the page that is an article, {} if none is.

    Of one that is no JSON, and cannot be made such, the dates and the headline are still read.
    """
    for script in tree.iterfind(".//script[@type='application/ld+json']"):
        text = _AROUND.sub("", script.text or "")
        article = next(_articles(_parsed(text)), None)
        if article is not None:
            return article
    return {}


def string(value: Any) -> str:
    """Return a JSON-LD value as text; of a list the first, "" for anything else."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("@value")
    return " ".join(value.split()) if isinstance(value, str) else ""


def name(value: Any) -> str:
    """Return who or what a JSON-LD value names; of a list the first."""
    if isinstance(value, list):
        value = value[0] if value else None
    return string(value.get("name") if isinstance(value, dict) else value)


def address(value: Any) -> str:
    """Return the address of an image, however it is given; of a list the first."""
    if isinstance(value, list):
        value = value[0] if value else None
    return string(value.get("url") if isinstance(value, dict) else value)


def _parsed(text: str) -> Any:
    for candidate in (text, _TRAILING_COMMA.sub("", text)):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    fields = dict(reversed(_FIELD.findall(text)))
    return {"@type": "Article", **fields} if "datePublished" in fields else None


def _articles(parsed: Any) -> Iterator[dict[str, Any]]:
    pending = [parsed]
    for _ in range(_MAX_NODES):
        if not pending:
            return
        node = pending.pop(0)
        if isinstance(node, list):
            pending += node[:_MAX_NODES]
        elif isinstance(node, dict):
            kinds = node.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            if any(str(kind).endswith(_ARTICLE_TYPES) for kind in kinds):
                yield node
            pending += [node[key] for key in _NESTED if key in node]
