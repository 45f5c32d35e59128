"""deploy/kubernetes: what each overlay makes, as kubectl renders it, without a cluster."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from kafka.admin import ACLResourcePatternType

from deploy.kibana.config import KibanaSettings
from deploy.local.services import SERVICES
from deploy.setup.kafka import rights_of
from services.contract.access import ACCESS
from services.contract.topics import TOPICS, Topic
from services.index.edges.elasticsearch import VERSION
from services.runtime.settings import Settings, variables_of
from tests.kubernetes import (
    FOLDER,
    OVERLAYS,
    ROOT,
    Object,
    container,
    environ,
    every_overlay,
    every_service,
    of_kind,
    pods,
    rendered,
)

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
BUILT_IN = re.compile(r"v1|(apps|batch|policy|networking\.k8s\.io)/v1")
KUBERNETES = "1.32"
MEASURED_MB = {"ingest": 250, "enrich": 235, "index": 232, "alert": 141}

# What the API server would say


@pytest.mark.slow
@every_overlay
def test_every_object_of_kubernetes_itself_is_valid(overlay: str) -> None:
    known = [o for o in rendered(overlay) if BUILT_IN.fullmatch(o["apiVersion"])]
    assert known
    for one in known:
        kubernetes_validate.validate(one, KUBERNETES, strict=True)


@every_overlay
def test_everything_is_in_the_namespace_and_nothing_is_there_twice(overlay: str) -> None:
    names = [(o["apiVersion"], o["kind"], o["metadata"]["name"]) for o in rendered(overlay)]
    assert len(set(names)) == len(names)
    for one in rendered(overlay):
        if one["kind"] != "Namespace":
            assert one["metadata"]["namespace"] == "rasid"


# The Pods


@every_overlay
def test_every_service_is_there_and_the_image_is_that_of_compose(overlay: str) -> None:
    assert set(pods(overlay)) >= set(SERVICES)
    assert {container(overlay, name)["image"] for name in pods(overlay)} == {
        COMPOSE["services"]["ingest"]["image"]
    }


@every_overlay
def test_a_workload_can_be_applied_by_its_name(overlay: str) -> None:
    for name in of_kind(overlay, "Deployment"):
        labels = of_kind(overlay, "Deployment")[name]["metadata"]["labels"]
        assert labels["app.kubernetes.io/name"] == name


@every_overlay
def test_no_pod_has_a_right_that_it_does_not_need(overlay: str) -> None:
    for name, pod in pods(overlay).items():
        spec, only = pod["spec"], container(overlay, name)
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] == 10001
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert only["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & spec.keys()
        assert all(not volume.keys() & {"hostPath"} for volume in spec["volumes"])


def test_the_user_is_that_of_the_image() -> None:
    assert "USER 10001\n" in (ROOT / "Dockerfile").read_text()


@every_overlay
def test_no_variable_of_another_service_of_the_namespace_gets_into_a_pod(overlay: str) -> None:
    assert all(pod["spec"]["enableServiceLinks"] is False for pod in pods(overlay).values())


@every_overlay
def test_what_a_pod_may_take_is_limited(overlay: str) -> None:
    for name in pods(overlay):
        resources = container(overlay, name)["resources"]
        assert resources["requests"].keys() == {"cpu", "memory"}
        assert resources["limits"].keys() == {"memory", "ephemeral-storage"}


@every_overlay
@every_service
def test_a_service_may_take_twice_the_memory_that_was_measured(overlay: str, service: str) -> None:
    limit = container(overlay, service)["resources"]["limits"]["memory"]
    assert int(limit.removesuffix("Mi")) * 1.048576 >= 2 * MEASURED_MB[service]


@every_overlay
@every_service
def test_a_service_is_asked_for_its_health_on_its_own_port(overlay: str, service: str) -> None:
    only = container(overlay, service)
    assert only["command"] == ["python", "-m", f"services.{service}"]
    [port] = only["ports"]
    default = SERVICES[service].model_fields["http_port"].default
    assert (port["name"], port["containerPort"]) == ("http", default)
    for probe, path in (
        ("startupProbe", "/health/live"),
        ("livenessProbe", "/health/live"),
        ("readinessProbe", "/health/ready"),
    ):
        assert only[probe]["httpGet"] == {"path": path, "port": "http"}
    [listed] = of_kind(overlay, "Service")[service]["spec"]["ports"]
    assert (listed["port"], listed["targetPort"]) == (default, "http")


@every_overlay
@every_service
def test_a_service_has_time_to_stop_and_outlives_the_loss_of_a_machine(
    overlay: str, service: str
) -> None:
    spec = pods(overlay)[service]["spec"]
    assert spec["terminationGracePeriodSeconds"] > 10
    assert {c["topologyKey"] for c in spec["topologySpreadConstraints"]} >= {
        "kubernetes.io/hostname"
    }
    budget = of_kind(overlay, "PodDisruptionBudget")[service]["spec"]
    labels = pods(overlay)[service]["metadata"]["labels"]
    assert budget["selector"]["matchLabels"].items() <= labels.items()
    assert budget["maxUnavailable"] == 1  # of one instance, too: else its machine is never drained


# Settings, secrets and files


@every_overlay
@every_service
def test_every_variable_is_a_setting_of_the_service(overlay: str, service: str) -> None:
    kind = SERVICES[service]
    given = environ(overlay, service)
    known = set(variables_of(kind))
    assert {name.removesuffix("_FILE") if name.endswith(("KEY_FILE", "PASSWORD_FILE")) else name
            for name in given} <= known  # fmt: skip
    assert given[f"RASID_{service.upper()}_HTTP_HOST"] == "0.0.0.0"


@every_overlay
def test_a_secret_comes_from_a_file(overlay: str) -> None:
    for name in pods(overlay):
        for variable in environ(overlay, name):
            assert not re.search(r"(PASSWORD|SECRET|TOKEN|API_KEY)$", variable)
    assert not of_kind(overlay, "Secret")


def mounted(overlay: str, name: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield kind, name, key and path of each file that a Pod of ours mounts."""
    spec = pods(overlay)[name]["spec"]
    places = {m["name"]: m["mountPath"] for m in container(overlay, name)["volumeMounts"]}
    for volume in spec["volumes"]:
        place = places[volume["name"]]
        if config := volume.get("configMap"):
            for key in of_kind(overlay, "ConfigMap")[config["name"]]["data"]:
                yield "ConfigMap", config["name"], key, f"{place}/{key}"
        for source in volume.get("projected", {}).get("sources", []):
            for item in source["secret"]["items"]:
                yield "Secret", source["secret"]["name"], item["key"], f"{place}/{item['path']}"


def secrets_made(overlay: str) -> set[tuple[str, str]]:
    """Return the keys of the Secrets that operators make, and those that the README makes."""
    made = {(user, "password") for user in of_kind(overlay, "KafkaUser")}
    made |= {(f"{name}-cluster-ca-cert", "ca.crt") for name in of_kind(overlay, "Kafka")}
    for name in of_kind(overlay, "Elasticsearch"):
        made.add((f"{name}-es-http-certs-public", "ca.crt"))
        made.add((f"{name}-es-elastic-user", "elastic"))
    made |= {(f"{name}-kb-http-certs-public", "ca.crt") for name in of_kind(overlay, "Kibana")}
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    loop = re.search(r"for account in ([\w ]+); do\n(.*?)\ndone", readme, re.S)
    assert loop
    assert "secret generic rasid-elasticsearch-$account" in loop[2]
    assert "--from-file=api-key=" in loop[2]
    return made | {(f"rasid-elasticsearch-{account}", "api-key") for account in loop[1].split()}


@every_overlay
def test_every_secret_that_is_mounted_is_made_by_somebody(overlay: str) -> None:
    wanted = {
        (secret, key)
        for name in pods(overlay)
        for kind, secret, key, _ in mounted(overlay, name)
        if kind == "Secret"
    }
    assert wanted <= secrets_made(overlay)


@every_overlay
def test_every_file_that_a_variable_names_is_mounted(overlay: str) -> None:
    for name in pods(overlay):
        files = {path for *_, path in mounted(overlay, name)}
        for variable, value in environ(overlay, name).items():
            if value.startswith("/"):
                assert value in files, f"{name}: {variable}"


@every_overlay
@every_service
def test_a_service_has_its_own_account_in_kafka(overlay: str, service: str) -> None:
    secrets = {name for kind, name, *_ in mounted(overlay, service) if kind == "Secret"}
    assert f"rasid-{service}" in secrets
    others = {f"rasid-{other}" for other in SERVICES if other != service}
    assert not others & secrets
    assert environ(overlay, service)["RASID_KAFKA_USERNAME"] == f"rasid-{service}"


@every_overlay
def test_config_maps_are_the_project_s_own_files(overlay: str) -> None:
    contents = {
        key: text
        for config in of_kind(overlay, "ConfigMap").values()
        for key, text in config["data"].items()
        if "." in key
    }
    files = ["sources.yaml", "watches.yaml", "channels.yaml", "elasticsearch/names.synonyms.txt"]
    assert contents == {Path(f).name: (ROOT / "deploy" / f).read_text("utf-8") for f in files}


@every_overlay
def test_elasticsearch_has_the_synonyms_beside_its_configuration(overlay: str) -> None:
    [nodes] = of_kind(overlay, "Elasticsearch")["rasid"]["spec"]["nodeSets"]
    pod = nodes["podTemplate"]["spec"]
    [mount] = pod["containers"][0]["volumeMounts"]
    assert mount["mountPath"] == "/usr/share/elasticsearch/config/names.synonyms.txt"
    [volume] = pod["volumes"]
    config = of_kind(overlay, "ConfigMap")[volume["configMap"]["name"]]
    assert mount["subPath"] in config["data"]


# Kafka and Elasticsearch


@every_overlay
def test_the_servers_are_those_of_compose(overlay: str) -> None:
    for kind, name in (("Elasticsearch", "elasticsearch"), ("Kibana", "kibana")):
        version = of_kind(overlay, kind)["rasid"]["spec"]["version"]
        assert COMPOSE["services"][name]["image"].endswith(f":{version}")


@every_overlay
def test_the_topics_are_those_of_the_contract(overlay: str) -> None:
    def plain(topic: Topic) -> Object:
        config = {key: int(v) if v.isdigit() else v for key, v in topic.config().items()}
        return {"partitions": topic.partitions, "config": config}

    topics = {name: one["spec"] for name, one in of_kind(overlay, "KafkaTopic").items()}
    assert topics == {topic.name: plain(topic) for topic in TOPICS}


@every_overlay
def test_kafka_is_set_as_elsewhere_but_for_the_number_of_its_nodes(overlay: str) -> None:
    config = of_kind(overlay, "Kafka")["rasid"]["spec"]["kafka"]["config"]
    lines = (ROOT / "deploy/kafka/server.properties").read_text().splitlines()
    elsewhere = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    for key, value in config.items():
        if not re.search(r"replication\.factor|min\.(isr|insync)", key):
            assert str(value) == elsewhere[key]
    brokers = sum(
        pool["spec"]["replicas"]
        for pool in of_kind(overlay, "KafkaNodePool").values()
        if "broker" in pool["spec"]["roles"]
    )
    factors = {value for key, value in config.items() if key.endswith("replication.factor")}
    assert factors == {min(brokers, 3)}


@every_overlay
def test_the_addresses_are_those_that_the_operators_give_the_servers(overlay: str) -> None:
    settings = environ(overlay, "index")
    [listener] = of_kind(overlay, "Kafka")["rasid"]["spec"]["kafka"]["listeners"]
    assert listener["tls"]
    assert listener["authentication"] == {"type": "scram-sha-512"}
    port = listener["port"]
    assert settings["RASID_KAFKA_BOOTSTRAP"] == f"rasid-kafka-bootstrap.rasid.svc:{port}"
    assert settings["RASID_KAFKA_SECURITY_PROTOCOL"] == "SASL_SSL"
    assert settings["RASID_ELASTICSEARCH_URL"] == "https://rasid-es-http.rasid.svc:9200"


@every_overlay
@pytest.mark.parametrize("account", ACCESS)
def test_a_user_of_kafka_may_do_what_the_set_up_would_allow_it(overlay: str, account: str) -> None:
    user = of_kind(overlay, "KafkaUser")[f"rasid-{account}"]["spec"]
    given = {
        (one["type"], one["name"], one.get("patternType", "literal"), operation)
        for one, operations in (
            (rule["resource"], rule["operations"]) for rule in user["authorization"]["acls"]
        )
        for operation in operations
    }
    patterns = {
        ACLResourcePatternType.PREFIXED: "prefix",
        ACLResourcePatternType.LITERAL: "literal",
    }
    wanted = {
        (
            acl.resource_pattern.resource_type.name.lower(),
            acl.resource_pattern.resource_name,
            patterns[acl.resource_pattern.pattern_type],
            acl.operation.name.title(),
        )
        for acl in rights_of(Settings(), account)
    }
    assert given == wanted
    assert user["authentication"] == {"type": "scram-sha-512"}


def test_index_is_scaled_by_the_lag_of_the_group_that_it_is_in() -> None:
    scaled = of_kind("production", "ScaledObject")["index"]["spec"]
    [trigger] = scaled["triggers"]
    topic = of_kind("production", "KafkaTopic")[trigger["metadata"]["topic"]]
    assert trigger["metadata"]["consumerGroup"] == f"rasid-index-{VERSION}"
    assert trigger["metadata"]["limitToPartitionsWithLag"] == "true"
    assert scaled["maxReplicaCount"] <= topic["spec"]["partitions"]
    behaviour = scaled["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
    assert behaviour["scaleDown"]["stabilizationWindowSeconds"] >= 600
    assert "replicas" not in of_kind("production", "Deployment")["index"]["spec"]


def test_prometheus_finds_every_service_under_the_job_that_the_rules_name() -> None:
    [endpoint] = of_kind("production", "PodMonitor")["rasid"]["spec"]["podMetricsEndpoints"]
    job, service = endpoint["relabelings"]
    assert (job["targetLabel"], job["replacement"]) == ("job", "rasid")
    assert service["targetLabel"] == "service"
    selector = of_kind("production", "PodMonitor")["rasid"]["spec"]["selector"]["matchLabels"]
    found = {
        name
        for name, pod in pods("production").items()
        if selector.items() <= pod["metadata"]["labels"].items()
    }
    assert found == set(SERVICES)


@every_overlay
def test_the_objects_of_kibana_are_loaded_with_settings_of_the_loader(overlay: str) -> None:
    given = environ(overlay, "kibana-objects")
    known = variables_of(KibanaSettings)
    assert {name.removesuffix("_FILE") for name in given} <= {*known, "SSL_CERT"}
    assert given["RASID_KIBANA_URL"] == "https://rasid-kb-http.rasid.svc:5601"


# The README


def test_the_rules_become_an_object_of_prometheus_operator_by_its_command() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    command = re.search(r"  (\{ printf .*?; \}) \| kubectl", readme, re.S)
    assert command
    shell = ["sh", "-c", command[1].replace("\n  ", "\n")]
    made = subprocess.run(shell, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    rules = yaml.safe_load((ROOT / "deploy/prometheus/rules.yml").read_text(encoding="utf-8"))
    assert yaml.safe_load(made)["spec"] == rules


def test_the_readme_names_every_overlay_and_how_it_is_rendered() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for overlay in OVERLAYS:
        assert f"overlays/{overlay}" in readme
    assert "kubectl kustomize --load-restrictor LoadRestrictionsNone deploy/kubernetes/" in readme


def test_shared_settings_of_the_config_map_are_known() -> None:
    literals = yaml.safe_load((FOLDER / "base/kustomization.yaml").read_text())
    settings = literals["configMapGenerator"][0]["literals"]
    assert {line.partition("=")[0] for line in settings} <= set(variables_of(Settings))
