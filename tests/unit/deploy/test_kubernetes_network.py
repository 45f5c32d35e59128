"""deploy/kubernetes: who may connect to whom, by the NetworkPolicies of each overlay."""

from collections.abc import Iterable
from ipaddress import ip_address, ip_network

import pytest

from deploy.local.services import SERVICES
from services.ingest.core.addresses import WEB_PORTS, is_public
from tests.kubernetes import Object, every_overlay, of_kind, pods

KAFKA = {"strimzi.io/cluster": "rasid", "strimzi.io/name": "rasid-kafka"}
ELASTICSEARCH = {"elasticsearch.k8s.elastic.co/cluster-name": "rasid"}
KIBANA = {"kibana.k8s.elastic.co/name": "rasid"}
PLACES: dict[str, tuple[str, dict[str, str], int]] = {
    "dns": ("kube-system", {"k8s-app": "kube-dns"}, 53),
    "kafka": ("rasid", KAFKA, 9093),
    "kafka, among brokers": ("rasid", KAFKA, 9091),
    "elasticsearch": ("rasid", ELASTICSEARCH, 9200),
    "elasticsearch, among nodes": ("rasid", ELASTICSEARCH, 9300),
    "kibana": ("rasid", KIBANA, 5601),
    "alertmanager": ("monitoring", {"app.kubernetes.io/name": "alertmanager"}, 9093),
    "another namespace": ("default", {"app": "database"}, 443),
    "a service": ("rasid", {"app.kubernetes.io/component": "service"}, 9104),
}
"""Where: namespace, labels, port."""

MAY_REACH = {
    "ingest": {"dns", "kafka", "internet"},
    "enrich": {"dns", "kafka"},
    "index": {"dns", "kafka", "elasticsearch"},
    "alert": {"dns", "kafka", "elasticsearch", "alertmanager"},
    "operator": {"dns", "kafka", "elasticsearch", "a service"},
    "kibana-objects": {"dns", "kibana"},
}


def selects(selector: Object, labels: dict[str, str]) -> bool:
    if not selector.get("matchLabels", {}).items() <= labels.items():
        return False
    for expression in selector.get("matchExpressions", []):
        assert expression["operator"] == "In"
        if labels.get(expression["key"]) not in expression["values"]:
            return False
    return True


def policies(overlay: str, labels: dict[str, str], direction: str) -> list[Object]:
    """Return the policies that hold for a Pod of ours with ``labels``."""
    every = [o["spec"] for o in of_kind(overlay, "NetworkPolicy").values()]
    return [p for p in every if direction in p["policyTypes"] and selects(p["podSelector"], labels)]


def is_peer(peer: Object, namespace: str, labels: dict[str, str]) -> bool:
    if "ipBlock" in peer:
        return False
    if "namespaceSelector" in peer:
        if not selects(peer["namespaceSelector"], {"kubernetes.io/metadata.name": namespace}):
            return False
    elif namespace != "rasid":
        return False
    return selects(peer.get("podSelector", {}), labels)


def rules(overlay: str, name: str) -> Iterable[Object]:
    labels = pods(overlay)[name]["metadata"]["labels"]
    return [
        rule for policy in policies(overlay, labels, "Egress") for rule in policy.get("egress", [])
    ]


def has_port(rule: Object, port: int) -> bool:
    return any(one["port"] <= port <= one.get("endPort", one["port"]) for one in rule["ports"])


def reaches_address(overlay: str, name: str, address: str, port: int) -> bool:
    number = ip_address(address)
    blocks = [
        peer["ipBlock"]
        for rule in rules(overlay, name)
        if has_port(rule, port)
        for peer in rule["to"]
        if "ipBlock" in peer
    ]
    return any(
        number in ip_network(block["cidr"])
        and not any(number in ip_network(hole) for hole in block["except"])
        for block in blocks
    )


def reached(overlay: str, name: str) -> set[str]:
    places = {
        place
        for place, (namespace, labels, port) in PLACES.items()
        for rule in rules(overlay, name)
        if has_port(rule, port)
        if any(is_peer(peer, namespace, labels) for peer in rule["to"])
    }
    return places | (
        {"internet"} if reaches_address(overlay, name, "93.184.215.14", 443) else set()
    )


@every_overlay
def test_a_pod_reaches_what_it_needs_and_nothing_else(overlay: str) -> None:
    expected = {
        name: places if overlay == "production" else places - {"alertmanager"}
        for name, places in MAY_REACH.items()
    }
    assert {name: reached(overlay, name) for name in pods(overlay)} == expected


@every_overlay
def test_each_egress_rule_names_both_whereto_and_ports(overlay: str) -> None:
    for name in pods(overlay):
        labels = pods(overlay)[name]["metadata"]["labels"]
        for direction in ("Ingress", "Egress"):
            assert any(not p.get(direction.lower()) for p in policies(overlay, labels, direction))
        for rule in rules(overlay, name):
            assert rule["to"]
            assert rule["ports"]


@every_overlay
@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("93.184.215.14", True), ("1.1.1.1", True), ("2606:4700::1111", True),
        ("10.0.0.1", False), ("172.16.0.1", False), ("172.31.255.255", False),
        ("192.168.1.1", False), ("100.64.0.1", False), ("127.0.0.1", False),
        ("169.254.169.254", False), ("0.0.0.0", False), ("224.0.0.1", False),
        ("192.0.0.192", False), ("198.18.0.1", False), ("255.255.255.255", False),
        ("::1", False), ("fe80::1", False), ("fc00::1", False), ("fd00:ec2::254", False),
        ("2001:db8::1", False), ("2002:a00:1::", False), ("2001::1", False),
    ],
)  # fmt: skip
def test_ingest_reaches_the_public_internet_only(overlay: str, address: str, may: bool) -> None:
    assert is_public(ip_address(address)) is may  # as ingest itself sees it
    for port in WEB_PORTS:
        assert reaches_address(overlay, "ingest", address, port) is may
    assert not reaches_address(overlay, "ingest", address, 22)


@every_overlay
def test_only_prometheus_and_people_connect_to_a_service(overlay: str) -> None:
    for service in SERVICES:
        labels = pods(overlay)[service]["metadata"]["labels"]
        listed = [
            rule for p in policies(overlay, labels, "Ingress") for rule in p.get("ingress", [])
        ]
        [rule] = listed
        assert rule["ports"] == [{"protocol": "TCP", "port": "http"}]
        assert is_peer(rule["from"][0], "monitoring", {})
        assert is_peer(rule["from"][1], "rasid", {"app.kubernetes.io/name": "operator"})
        assert len(rule["from"]) == 2


@every_overlay
def test_who_may_reach_elasticsearch_is_let_in(overlay: str) -> None:
    [policy] = policies(overlay, ELASTICSEARCH, "Ingress")
    for name, pod in pods(overlay).items():
        labels = pod["metadata"]["labels"]
        let_in = any(
            is_peer(peer, "rasid", labels)
            for rule in policy["ingress"]
            for peer in rule["from"]
            if has_port(rule, 9200)
        )
        assert let_in == ("elasticsearch" in MAY_REACH[name])
