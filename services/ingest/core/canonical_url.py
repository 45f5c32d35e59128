"""One URL for one article, however it was linked. Decides ``article_id``: see the contract.

What two spellings of an address must share for one article to be one document is listed in
``tests/unit/ingest/canonical_urls.yaml``; changing a rule here gives old articles new ids.
"""

import re
from urllib.parse import SplitResult, quote_from_bytes, unquote_to_bytes, urljoin, urlsplit

import idna

DEFAULT_PORTS = {"http": 80, "https": 443}

_TRACKING = """
fbclid gclid gclsrc dclid gbraid wbraid yclid msclkid twclid ttclid igshid igsh mc_cid mc_eid
_openstat wickedid rb_clickid s_cid ncid cmpid ocid ito ref_src ref_url traffic_source maca
xtor sthisfb wpisrc smid __twitter_impression _ga srsltid
"""
TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "piwik_", "hsa_", "at_", "_hs", "ga_", "oly_", "vero_")
TRACKING_NAMES = frozenset(_TRACKING.split())
"""Parameters that say where a reader came from; compared in lower case."""

_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_PATH_SAFE = "!$&'()*+,;=:@"
_QUERY_SAFE = "!$'()*,;:@/?"  # neither & and =, which separate, nor +, which may mean a blank
_NOT_IN_URLS = re.compile(r"[\x00-\x20\x7f\ufeff\u200b-\u200f\u202a-\u202e]+")
_ESCAPE = re.compile(rb"%[0-9A-Fa-f]{2}")
_SITE_PREFIX = re.compile(r"^(www|m|mobile|amp)\.")


class UrlError(ValueError):
    """The text is not the address of a page on the web."""


def canonicalise(url: str, base: str = "") -> str:
    """Return the canonical form of ``url``, resolved against ``base``; idempotent.

    Raises UrlError if it is not an http or https address with a host.
    """
    try:
        parts = urlsplit(urljoin(base, _NOT_IN_URLS.sub("", url)))
        host = _host(parts)
    except (ValueError, UnicodeError) as error:
        raise UrlError(f"{url[:200]}: {error}") from error
    path = _normalise("/".join(_without_dots(parts.path)), _PATH_SAFE + "/").rstrip("/") or "/"
    query = _query(parts.query)
    return f"{parts.scheme}://{host}{path}{'?' + query if query else ''}"


def accept_canonical(link: str | None, page_url: str) -> str:
    """Return the canonical URL of a page: its own rel=canonical ``link`` where that is credible.

    It is when on the same site, and not the front page, which some sites name on every page.
    """
    own = canonicalise(page_url)
    if not link:
        return own
    try:
        claimed = canonicalise(link, base=page_url)
    except UrlError:
        return own
    is_front_page = urlsplit(claimed).path == "/" and not urlsplit(claimed).query
    return claimed if _site(claimed) == _site(own) and not is_front_page else own


def _site(url: str) -> str:
    return _SITE_PREFIX.sub("", urlsplit(url).hostname or "")


def _host(parts: SplitResult) -> str:
    default_port = DEFAULT_PORTS.get(parts.scheme)
    if default_port is None:
        raise ValueError("not http or https")
    name = (parts.hostname or "").rstrip(".")
    if not name:
        raise ValueError("no host")
    if ":" in name:
        name = f"[{name}]"
    elif not name.isascii():
        name = idna.encode(name, uts46=True).decode("ascii")
    port = parts.port
    return name if port in (None, default_port) else f"{name}:{port}"


def _without_dots(path: str) -> list[str]:
    """Return the segments of ``path`` with ``.`` and ``..`` resolved, never above the root."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            kept = kept[:-1] if len(kept) > 1 else kept
        elif segment != ".":
            kept.append(segment)
    return kept


def _normalise(text: str, safe: str) -> str:
    """Return ``text`` with only what needs it percent-encoded, in capitals, as UTF-8.

    An escape is undone where the character needs none, or is not ASCII: it then is encoded anew,
    in the one way. A ``%`` that starts no escape is itself encoded.
    """
    raw = text.encode("utf-8", "surrogatepass")
    pieces: list[str] = []
    position = 0
    for escape in _ESCAPE.finditer(raw):
        pieces.append(quote_from_bytes(raw[position : escape.start()], safe))
        byte = unquote_to_bytes(escape.group())
        pieces.append(byte.decode() if byte in _UNRESERVED else escape.group().decode().upper())
        position = escape.end()
    pieces.append(quote_from_bytes(raw[position:], safe))
    return "".join(pieces)


def _query(query: str) -> str:
    """Return ``query`` without tracking parameters, in the order of the alphabet."""
    kept = []
    for pair in query.split("&"):
        name, equals, value = pair.partition("=")
        lowered = name.lower()
        if not pair or lowered in TRACKING_NAMES or lowered.startswith(TRACKING_PREFIXES):
            continue
        kept.append(_normalise(name, _QUERY_SAFE) + equals + _normalise(value, _QUERY_SAFE + "+="))
    return "&".join(sorted(kept))
