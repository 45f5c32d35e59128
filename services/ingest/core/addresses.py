"""Which addresses may be connected to: those of the public internet, and those allowed by name.

An address that a stranger gives us must not lead into our own network. What is asked is the address
of the connection, never its name: the same name may mean another machine a moment later.
"""

from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Network = IPv4Network | IPv6Network

WEB_PORTS = frozenset({80, 443, 8080, 8443})
"""Where the web is served. Other ports of the public internet are other people's other services."""

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_6TO4 = IPv6Network("2002::/16")
_PROTOCOLS = IPv4Network("192.0.0.0/24")  # only part of it is not global to older Pythons
_6TO4_RELAYS = IPv4Network("192.88.99.0/24")
_TEREDO = IPv6Network("2001::/32")
_NAT64 = IPv6Network("64:ff9b::/96")
_DOCUMENTATION = IPv6Network("3fff::/20")  # RFC 9637, which is newer than some Pythons


def may_connect(address: str, port: int, allowed: Sequence[Network]) -> bool:
    """Return whether ``address``, as a number, is public and ``port`` one of the web.

    In the networks ``allowed`` every address and port is.
    """
    try:
        number = ip_address(address)
    except ValueError:
        return False
    if any(number in network for network in allowed):
        return True
    return port in WEB_PORTS and is_public(number)


def is_public(number: IPv4Address | IPv6Address) -> bool:
    """Return whether the whole internet reaches the same machine at ``number``.

    Addresses that carry another one are refused whatever they carry, but for NAT64, by which
    IPv6-only networks reach IPv4.
    """
    if isinstance(number, IPv4Address):
        reserved = number.is_multicast or number in _6TO4_RELAYS or number in _PROTOCOLS
        return number.is_global and not reserved
    if number.scope_id is not None:
        return False
    if number in _NAT64:
        return is_public(IPv4Address(int(number) & 0xFFFF_FFFF))
    carries_another = number in _6TO4 or number in _TEREDO
    return (
        number in _GLOBAL_UNICAST
        and number.is_global
        and not carries_another
        and number not in _DOCUMENTATION
    )


def parse_networks(text: str) -> tuple[Network, ...]:
    """Return the networks of ``a.b.c.d/n, x::y/m``; a single address is a network of its own.

    Raises ValueError for anything else.
    """
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
