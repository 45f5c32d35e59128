"""Which addresses may be connected to."""

import pytest

from services.ingest.core.addresses import WEB_PORTS, may_connect, parse_networks

PUBLIC = ["1.1.1.1", "41.208.68.1", "2a00:1450:4001:800::200e", "64:ff9b::101:101"]

FORBIDDEN = {
    "loopback": "127.0.0.1",
    "all of loopback": "127.255.255.254",
    "loopback, IPv6": "::1",
    "this host": "0.0.0.0",
    "unspecified, IPv6": "::",
    "private, 10": "10.1.2.3",
    "private, 172.16": "172.31.255.1",
    "private, 192.168": "192.168.0.1",
    "link-local, where clouds keep their secrets": "169.254.169.254",
    "link-local, IPv6": "fe80::1",
    "with a zone": "fe80::1%eth0",
    "public, with a zone": "2a00:1450:4001:800::200e%eth0",
    "carrier-grade NAT": "100.64.0.1",
    "multicast": "224.0.0.251",
    "multicast, IPv6": "ff02::1",
    "broadcast": "255.255.255.255",
    "reserved": "240.0.0.1",
    "benchmarks": "198.18.0.1",
    "documentation": "192.0.2.1",
    "documentation, IPv6": "2001:db8::1",
    "documentation, new": "3fff::1",
    "protocols": "192.0.0.1",
    "protocols, metadata of a cloud": "192.0.0.192",
    "relays of 6to4": "192.88.99.1",
    "unique local": "fd00::1",
    "site-local": "fec0::1",
    "loopback, mapped": "::ffff:127.0.0.1",
    "public, mapped": "::ffff:1.1.1.1",
    "loopback, compatible": "::127.0.0.1",
    "loopback by 6to4": "2002:7f00:1::",
    "public by 6to4": "2002:101:101::",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "loopback by NAT64": "64:ff9b::7f00:1",
    "private by NAT64": "64:ff9b::c0a8:1",
    "link-local by NAT64": "64:ff9b::a9fe:a9fe",
    "local NAT64": "64:ff9b:1::101:101",
    "discard": "100::1",
    "not a number": "localhost",
    "a short form": "127.1",
    "nothing": "",
}


@pytest.mark.parametrize("address", PUBLIC)
@pytest.mark.parametrize("port", sorted(WEB_PORTS))
def test_public_addresses_are_asked_on_the_ports_of_the_web(address: str, port: int) -> None:
    assert may_connect(address, port, allowed=())


@pytest.mark.parametrize("port", [22, 25, 6379, 9092, 9200])
def test_other_ports_are_somebody_elses(port: int) -> None:
    assert not may_connect(PUBLIC[0], port, allowed=())


@pytest.mark.parametrize("address", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_what_is_not_the_public_internet_is_not_asked(address: str) -> None:
    assert not may_connect(address, 80, allowed=())


def test_an_allowed_network_is_asked_on_every_port_and_its_neighbours_are_not() -> None:
    allowed = parse_networks("127.0.0.1, 10.2.0.0/16,::1/128")
    for address in ("127.0.0.1", "10.2.255.1", "::1"):
        assert may_connect(address, 9999, allowed)
    for address in ("127.0.0.2", "10.3.0.1", "::2", "::ffff:127.0.0.1"):
        assert not may_connect(address, 80, allowed)


@pytest.mark.parametrize("text", ["localhost", "10.0.0.1/8", "1.2.3", "10.0.0.0/33", "a, b"])
def test_a_network_that_is_none_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"does not appear|host bits"):
        parse_networks(text)
