"""Addresses as strangers write them, to addresses that can be asked."""

import re

import httpx

_CONFUSING = re.compile(r"[\x00-\x1f\x7f\\]")
"""What two readers of one address take for different things: a browser reads ``http://a\\@b/`` as
an address at a, others as one at b."""


class BadUrlError(ValueError):
    """Not an address of the web that can be asked."""


def web_address(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """Return the address in ``text``, relative to ``base``, without a fragment.

    Raises BadUrlError if it is not http or https, or names no host, or carries a user and password,
    which lead the eye astray and belong to somebody else.
    """
    text = text.strip(" ")
    if _CONFUSING.search(text):
        raise BadUrlError(f"control characters or backslashes in {text[:200]!r}")
    try:
        url = base.join(text) if base else httpx.URL(text)
    except (httpx.InvalidURL, ValueError) as error:
        raise BadUrlError(f"{text[:200]!r}: {error}") from error
    if url.scheme not in ("http", "https") or not url.host or "%" in url.host:
        raise BadUrlError(f"{text[:200]!r} is no address: http://... or https://...")
    if url.userinfo:
        raise BadUrlError("a user in the address")
    return url.copy_with(fragment=None) if url.fragment else url
