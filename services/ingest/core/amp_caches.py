"""The address of an article behind that of an AMP cache, which others link to in its place.

``https://example-ly.cdn.ampproject.org/c/s/example.ly/a/1`` and
``https://www.google.com/amp/s/example.ly/a/1`` are https://example.ly/a/1.
"""

import re
from urllib.parse import unquote

_CACHE = re.compile(r"(?:^|\.)(?:cdn\.ampproject\.org|bing-amp\.com)$")
_CACHED = re.compile(r"^(?:/amp)*/[civ]/(s/)?([^/]+\.[^/]+/?.*)$")
_VIEWER = re.compile(r"^(?:www\.)?google(?:\.com?)?\.[a-z]{2,3}$")
_VIEWED = re.compile(r"^/amp/(s/)?([^/]+\.[^/]+/?.*)$")


def cached_address(host: str, path: str, query: str) -> str | None:
    """Return the address that an AMP cache's stands for; None if it is no cache's.

    ``path`` is normalised. A viewer writes the query of the article into its own path.
    """
    if _CACHE.search(host):
        found = _CACHED.match(path)
    else:
        found = _VIEWED.match(path) if _VIEWER.match(host) else None
    if found is None:
        return None
    address, _, asked = found[2].partition("%3F")
    every = "&".join(filter(None, (unquote(asked), query)))
    return f"{'https' if found[1] else 'http'}://{address}{'?' + every if every else ''}"
