"""One URL for one article, however it was linked. Decides ``article_id``: see the contract.

What two spellings of an address must share for one article to be one document is listed in
``tests/unit/ingest/canonical_urls.yaml``; changing a rule here gives old articles new ids.
"""

import re
import unicodedata
from contextlib import suppress
from urllib.parse import (
    SplitResult,
    quote_from_bytes,
    unquote,
    unquote_to_bytes,
    urljoin,
    urlsplit,
)

import idna

from services.contract.articles import MAX_FIELD_CHARS
from services.ingest.core.amp_caches import cached_address

DEFAULT_PORTS = {"http": 80, "https": 443}

_TRACKING = """
fbclid gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid yclid ysclid msclkid twclid ttclid
tblci igshid igsh li_fat_id epik mc_cid mc_eid mkt_tok _openstat wickedid rb_clickid s_cid s_kwcid
ncid cmpid ocid ito ref_src ref_url traffic_source maca xtor sthisfb wpisrc smid smtyp
__twitter_impression __cft__ __tn__ _ga _gl srsltid nr_email_referer guccounter guce_referrer
guce_referrer_sig trk hootpostid soc_src soc_trk sref spm scm vgo_ee replytocom phpsessid jsessionid
aspsessionid sessionid usqp sc_channel sc_campaign sc_content sc_medium action_object_map
action_type_map action_ref_map
"""
TRACKING_PREFIXES = (
    *("utm_", "utm-", "mtm_", "matomo_", "pk_", "piwik_", "hsa_", "hsctatracking", "at_", "_hs"),
    *("ga_", "oly_", "vero_", "itm_", "ns_", "stm_", "trk_", "wt.", "fb_"),
    *("amp_", "__cf_chl_"),
)
TRACKING_NAMES = frozenset(_TRACKING.split())
"""Parameters that say where a reader came from, or who it is; compared in lower case."""

_ORIGIN_NAMES = {"ref", "source", "src", "from", "via", "share", "shared", "feature", "origin"}
_ORIGINS = {
    *("rss", "feed", "atom", "home", "homepage", "share", "email", "mail", "newsletter", "1"),
    *("facebook", "fb", "twitter", "x", "telegram", "whatsapp", "linkedin", "instagram", "youtube"),
    *("googlenews", "google", "flipboard", "social", "app", "mobile", "widget", "related"),
}
"""What those names say where they make no other page: ``source=rss``, but not ``source=12``."""

_VARIANTS = dict.fromkeys(("amp", "noamp", "nonamp"), None) | {
    "outputtype": "amp",
    "output": "amp",
    "view": "mobile",
    "mobile": "1",
}
"""Parameters that ask for another form of the same page, with what value (None: any)."""

_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_PATH_SAFE = "!$&'()*+,;=:@"
_QUERY_SAFE = "!$'()*,;:@/?"  # neither & and =, which separate, nor +, which may mean a blank
_NOT_IN_URLS = re.compile(r"[\x00-\x20\x7f\ufeff\u200b-\u200f\u202a-\u202e]+")
_ESCAPE = re.compile(r"(%[0-9A-Fa-f]{2})")
_ESCAPES = re.compile(r"((?:%[89A-Fa-f][0-9A-Fa-f])+)|(%[0-7][0-9A-Fa-f])")
_NOT_IN_HOSTS = re.compile(r"[\x00-\x20\x7f%/?#@:\\\[\]]")
_SESSION = re.compile(r";(?:jsessionid|phpsessid)=[^/;]*", re.IGNORECASE)
_VARIANT_PATH = re.compile(
    r"^/amp(?=/.)|/amp(?:\.html)?/*$|\.amp(?=\.html?$|$)|/(?:index|default)\.(?:html?|php|aspx?)/*$|/+$",
    re.IGNORECASE,
)
_HOST_VARIANT = re.compile(r"^(?:www\d?|m|mobile|amp|touch|3g|wap)\.(?=.)")
_SECOND_LEVEL = {"com", "co", "net", "org", "gov", "edu", "ac", "info", "med", "plc", "sch", "id"}
_SHARED_DOMAINS = {
    *("blogspot.com", "wordpress.com", "substack.com", "medium.com", "github.io", "tumblr.com"),
    *("weebly.com", "wixsite.com", "pages.dev", "netlify.app", "vercel.app", "herokuapp.com"),
}


class UrlError(ValueError):
    """The text is not the address of a page on the web."""


def canonicalise(url: str, base: str = "") -> str:
    """Return the canonical form of ``url``, resolved against ``base``; idempotent.

    Raises UrlError if it is not an http or https address with a host, or too long for a message.
    """
    if len(url) > MAX_FIELD_CHARS:
        raise UrlError(f"{url[:200]}: too long")
    try:
        parts = urlsplit(urljoin(base, _NOT_IN_URLS.sub("", url)))
        scheme, host = _host(parts)
    except (ValueError, UnicodeError) as error:
        raise UrlError(f"{url[:200]}: {error}") from error
    path = _normalise(parts.path, _PATH_SAFE + "/")
    path = "/".join(_without_dots(_SESSION.sub("", path)))
    if cached := cached_address(host, path, parts.query):
        with suppress(UrlError):
            return canonicalise(cached)
    path = _without_variants(path)
    query = _query(parts.query, path)
    canonical = f"{scheme}://{host}{path}{'?' + query if query else ''}"
    if path == "/" and not query:
        canonical += page_in_fragment(parts.fragment)
    if len(canonical) > MAX_FIELD_CHARS:
        raise UrlError(f"{canonical[:200]}: too long")
    return canonical


def page_in_fragment(fragment: str) -> str:
    """Return the page that a fragment names (``#!/a/1``), "" if it names none or the first one.

    Sites that are one program have all their pages at the address of the front page.
    """
    is_page = fragment.startswith("!/") and len(fragment) > len("!/")
    return f"#{_normalise(fragment, _PATH_SAFE + '/?')}" if is_page else ""


def accept_canonical(link: str | None, page_url: str) -> str:
    """Return the canonical URL of a page: its own rel=canonical ``link`` where that is credible.

    It is when on the same site, and neither the front page nor a section that the page is in, which
    some sites name on every page. One page may still name another's address: see `compare`.
    """
    own = canonicalise(page_url)
    if not link:
        return own
    try:
        claimed = canonicalise(link, base=page_url)
    except UrlError:
        return own
    path = urlsplit(claimed).path
    is_front_page = path == "/" and not urlsplit(claimed).query
    is_section = path != "/" and urlsplit(own).path.startswith(f"{path}/")
    credible = _site(claimed) == _site(own) and not is_front_page and not is_section
    return claimed if credible else own


def _site(url: str) -> str:
    """Return the domain that somebody registered, as far as that can be told without a list."""
    host = urlsplit(url).hostname or ""
    if _is_number(host):
        return host
    labels = host.split(".")
    is_shared = ".".join(labels[-2:]) in _SHARED_DOMAINS
    is_deeper = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3:] if is_shared or is_deeper else labels[-2:])


def _host(parts: SplitResult) -> tuple[str, str]:
    """Return scheme and host: one for all forms of a site that differ in nothing else.

    That is https for a name at its usual port, since sites move there and keep their articles.
    """
    default_port = DEFAULT_PORTS.get(parts.scheme)
    if default_port is None:
        raise ValueError("not http or https")
    name = unquote(parts.hostname or "", errors="strict").lower().rstrip(".")
    if not name:
        raise ValueError("no host")
    if "%" in (parts.hostname or "") and _NOT_IN_HOSTS.search(name):
        raise ValueError("no name of a host")
    if ":" in name:
        name = f"[{name}]"
    elif not name.isascii():
        name = idna.encode(name, uts46=True).decode("ascii")
    while (shorter := _HOST_VARIANT.sub("", name)) != name and shorter.count(".") >= (
        2 if shorter.split(".")[0] in _SECOND_LEVEL else 1
    ):
        name = shorter
    if parts.port not in (None, default_port):
        return parts.scheme, f"{name}:{parts.port}"
    return "http" if _is_number(name) and parts.scheme == "http" else "https", name


def _is_number(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def _without_dots(path: str) -> list[str]:
    """Return the segments of ``path`` with ``.`` and ``..`` resolved, never above the root."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            kept = kept[:-1] if len(kept) > 1 else kept
        elif segment != ".":
            kept.append(segment)
    return kept


def _without_variants(path: str) -> str:
    """Return ``path`` without what asks for AMP, names a folder's own page, or ends it."""
    while (shorter := _VARIANT_PATH.sub("", path)) != path:
        path = shorter
    return path or "/"


def _normalise(text: str, safe: str) -> str:
    """Return ``text``, composed (NFC), with only what needs it percent-encoded, in capitals.

    An escape is undone where the character needs none, or is not ASCII: it then is encoded anew,
    in the one way. A ``%`` that starts no escape is itself encoded.
    """
    plain = _NOT_IN_URLS.sub("", _ESCAPES.sub(_unescaped, text))
    pieces = _ESCAPE.split(plain)  # every other one is an escape that is kept
    for position, piece in enumerate(pieces):
        if position % 2:
            pieces[position] = piece.upper()
        else:
            composed = unicodedata.normalize("NFC", piece).encode("utf-8", "surrogatepass")
            pieces[position] = quote_from_bytes(composed, safe)
    return "".join(pieces)


def _unescaped(escapes: re.Match[str]) -> str:
    """Return the text that ``escapes`` stand for, but for what must stay escaped."""
    raw = unquote_to_bytes(escapes.group())
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return escapes.group()
    return text if escapes[1] or raw in _UNRESERVED else escapes.group()


def _query(query: str, path: str) -> str:
    """Return ``query`` with only what tells pages apart, in the order of the alphabet."""
    kept = []
    for pair in query.split("&"):
        name, equals, value = pair.partition("=")
        if pair and not _is_idle(name.lower(), value.lower(), path):
            kept.append(
                _normalise(name, _QUERY_SAFE) + equals + _normalise(value, _QUERY_SAFE + "+=")
            )
    return "&".join(sorted(kept))


def _is_idle(name: str, value: str, path: str) -> bool:
    """Return whether a parameter makes no other page."""
    if name in TRACKING_NAMES or name.startswith(TRACKING_PREFIXES):
        return True
    if name in _ORIGIN_NAMES:
        return value in _ORIGINS
    if name == "m":  # how Blogger asks for its page for telephones
        return value in ("0", "1") and path.endswith(".html")
    return name in _VARIANTS and _VARIANTS[name] in (None, value)
