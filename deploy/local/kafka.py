"""Kafka as a child process: configuration, storage, command line, whether it answers."""

import base64
import shutil
import socket
import subprocess
import uuid
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from deploy.local.account import Account, give, make_folder
from deploy.local.config import LOOPBACK, StackConfig, StackError
from deploy.local.credentials import secrets_of
from deploy.local.distribution import Distribution
from deploy.local.supervisor import ProcessSpec
from services.runtime.kafka import connection
from services.runtime.settings import Settings

_FOLDER = Path(__file__).parents[1] / "kafka"
_SETTINGS = _FOLDER / "server.properties"
_SECURITY = _FOLDER / "security.properties"
_CONTAINERS_SECRETS = "/run/secrets/rasid"
_LOG_SETTINGS = Path(__file__).with_name("log4j2.properties")


def prepare(
    config: StackConfig, servers: Distribution, jdk: Path, account: Account | None
) -> ProcessSpec:
    """Write the configuration, format the storage if it is new, and return how to run the broker.

    Raises StackError with Kafka's own words if the storage cannot be formatted.
    """
    folder = make_folder(config.folder / "kafka")
    data = make_folder(folder / "data")
    settings = folder / "server.properties"
    parts = [_SETTINGS.read_text(encoding="utf-8")]
    if config.secure:
        copy = shutil.copytree(
            secrets_of(config).server("kafka"), folder / "secrets", dirs_exist_ok=True
        )
        parts.append(_SECURITY.read_text(encoding="utf-8").replace(_CONTAINERS_SECRETS, str(copy)))
    parts.append(_local_settings(config, data))
    settings.write_text("\n".join(parts), encoding="utf-8")
    shutil.copy(_LOG_SETTINGS, folder)
    java = (str(jdk / "bin" / "java"), "-cp", f"{servers.kafka}/libs/*")
    if not (data / "meta.properties").exists():
        _format_storage(java, settings)
    if account:
        give(folder, account)
    return ProcessSpec(
        name="kafka",
        argv=(
            *java,
            f"-Xmx{config.kafka_heap}",
            "-XX:+UseG1GC",
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.awt.headless=true",
            *config.java_options.split(),
            f"-Dlog4j2.configurationFile={folder / _LOG_SETTINGS.name}",
            "kafka.Kafka",
            str(settings),
        ),
        env={},
        cwd=folder,
        log_file=config.logs / "kafka.log",
        account=account,
        stop_timeout_s=15,
    )


def answers(settings: Settings) -> bool:
    """Whether a broker serves requests."""
    if not any(_listens(address) for address in settings.kafka_bootstrap.split(",")):
        return False  # quicker and quieter than the client
    try:
        admin = KafkaAdminClient(**connection(settings), bootstrap_timeout_ms=2_000)
    except KafkaError:
        return False
    try:
        return bool(admin.describe_cluster()["brokers"])
    except KafkaError:
        return False
    finally:
        admin.close()


def _listens(address: str) -> bool:
    host, _, port = address.strip().rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=2).close()
    except (OSError, ValueError):
        return False
    return True


def _local_settings(config: StackConfig, data: Path) -> str:
    controller = f"{LOOPBACK}:{config.kafka_controller_port}"
    clients = f"{'CLIENTS' if config.secure else 'PLAINTEXT'}://{LOOPBACK}:{config.kafka_port}"
    return (
        "# This stack\n"
        f"listeners={clients},CONTROLLER://{controller}\n"
        f"advertised.listeners={clients}\n"
        f"controller.quorum.voters=1@{controller}\n"
        f"log.dirs={data}\n"
    )


def _format_storage(java: tuple[str, ...], settings: Path) -> None:
    cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    command = [*java, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}"]
    # An earlier attempt that was cut short may have formatted part of it.
    command += ["--ignore-formatted", f"--config={settings}"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if result.returncode:
        raise StackError(f"Kafka could not format its storage:\n{result.stderr or result.stdout}")
