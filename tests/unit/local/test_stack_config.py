from pathlib import Path

import pytest

from deploy.local import stack
from deploy.local.config import StackConfig
from services.runtime.settings import ConfigurationError
from tests.support import free_port


def test_without_addresses_both_servers_are_the_stacks_own() -> None:
    config = StackConfig.from_environ({"RASID_HOME": "/data", "RASID_STACK_KAFKA_PORT": "19092"})
    assert config.uses_own_kafka
    assert config.uses_own_elasticsearch
    assert config.kafka_address == "127.0.0.1:19092"
    assert config.elasticsearch_address == "http://127.0.0.1:9200"
    assert config.folder == Path("/data/stacks/default")


def test_a_named_server_is_used_instead_of_one_of_our_own() -> None:
    config = StackConfig.from_environ(
        {"RASID_KAFKA_BOOTSTRAP": "a:1,b:2", "RASID_ELASTICSEARCH_URL": "https://search.example"}
    )
    assert not config.uses_own_kafka
    assert not config.uses_own_elasticsearch
    assert config.kafka_address == "a:1,b:2"
    assert config.elasticsearch_address == "https://search.example:443"


def test_a_path_means_the_same_wherever_the_servers_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert StackConfig.from_environ({"RASID_HOME": "data"}).home == tmp_path / "data"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RASID_STACK_NAME", "../other"),
        ("RASID_STACK_KAFKA_PORT", "80"),
        ("RASID_STACK_KAFKA_PORT", "kafka"),
        ("RASID_STACK_ELASTICSEARCH_HEAP", "lots"),
        ("RASID_STACK_KAFKA_PROT", "9092"),
    ],
)
def test_a_wrong_variable_is_named(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=variable):
        StackConfig.from_environ({variable: value})


def test_a_secured_stack_that_was_never_started_is_down(tmp_path: Path) -> None:
    config = StackConfig(
        home=tmp_path, secure=True, kafka_port=free_port(), elasticsearch_port=free_port()
    )
    assert not any(server.answers for server in stack.status(config).servers)
