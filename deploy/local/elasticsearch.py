"""Elasticsearch as a child process: configuration, command line, whether it answers."""

import base64
import hashlib
import json
import os
import shutil
from pathlib import Path

from elasticsearch import (
    ApiError,
    AuthenticationException,
    AuthorizationException,
    TransportError,
)

from deploy.local.account import Account, give, make_folder
from deploy.local.config import LOOPBACK, StackConfig
from deploy.local.credentials import SERVERS_ADMIN, secrets_of
from deploy.local.distribution import Distribution
from deploy.local.supervisor import ProcessSpec
from deploy.setup.secrets import ADMIN
from services.runtime.elasticsearch import make_client
from services.runtime.settings import Settings

_SETTINGS = Path(__file__).parents[1] / "elasticsearch"
_LOG_SETTINGS = Path(__file__).with_name("log4j2.properties")
_TLS = """xpack.security.http.ssl.enabled: true
xpack.security.http.ssl.certificate: tls/server.pem
xpack.security.http.ssl.key: tls/server-key.pem
"""
_SALT_BYTES = 32
_ROUNDS = 10_000


def prepare(
    config: StackConfig, servers: Distribution, jdk: Path, account: Account | None
) -> ProcessSpec:
    """Write the configuration and return how to run the server."""
    folder = make_folder(config.folder / "elasticsearch")
    for part in ("data", "tmp"):
        make_folder(folder / part)
    settings = folder / "config"
    shutil.copytree(_SETTINGS, settings, dirs_exist_ok=True)
    shutil.copy(servers.elasticsearch / "config" / "jvm.options", settings)
    shutil.copy(_LOG_SETTINGS, settings)
    with (settings / "elasticsearch.yml").open("a", encoding="utf-8") as file:
        file.write(_local_settings(config, folder))
    if config.secure:
        _secure(config, settings)
    if account:
        give(folder, account)
    home = servers.elasticsearch
    environment = _environment(config, home, folder, jdk)
    return ProcessSpec(
        name="elasticsearch",
        argv=(str(jdk / "bin" / "java"), *_launcher(home, settings)),
        env=environment,
        cwd=home,
        log_file=config.logs / "elasticsearch.log",
        account=account,
        stop_timeout_s=15,
    )


def answers(settings: Settings) -> bool:
    """Whether Elasticsearch serves all its indices (or asks who we are, where nobody said).

    After a restart it accepts connections some time before it has found its indices again.
    """
    try:
        with make_client(settings, timeout_s=5) as client:
            health = client.cluster.health(wait_for_status="yellow", timeout="1s")
            return not health["timed_out"]
    except AuthenticationException:
        return not settings.elasticsearch_username
    except AuthorizationException:
        return True  # it does, though not everybody may ask
    except (ApiError, TransportError):
        return False


def _secure(config: StackConfig, settings: Path) -> None:
    """Put the secrets where Elasticsearch can read them, and its administrator into a file."""
    secrets = secrets_of(config)
    shutil.copytree(secrets.server("elasticsearch"), settings / "tls", dirs_exist_ok=True)
    password = secrets.elasticsearch_password(ADMIN).read_bytes()
    (settings / "users").write_text(f"{SERVERS_ADMIN}:{_hashed(password)}\n", encoding="utf-8")
    (settings / "users_roles").write_text(f"superuser:{SERVERS_ADMIN}\n", encoding="utf-8")


def _hashed(password: bytes) -> str:
    """Return the password as the file realm keeps it: PBKDF2 with SHA-512."""
    salt = os.urandom(_SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", password, salt, _ROUNDS, dklen=_SALT_BYTES)
    texts = (base64.b64encode(part).decode() for part in (salt, digest))
    return f"{{PBKDF2}}{_ROUNDS}${'$'.join(texts)}"


def _environment(config: StackConfig, home: Path, folder: Path, jdk: Path) -> dict[str, str]:
    heap = f"-Xms{config.elasticsearch_heap} -Xmx{config.elasticsearch_heap}"
    # The collector's own log would be 2 GB; warnings go where all else goes.
    logs = "-Xlog:disable -Xlog:all=warning:stdout:utctime"
    return {
        "ES_JAVA_HOME": str(jdk),
        "JAVA": str(jdk / "bin" / "java"),
        "ES_HOME": str(home),
        "ES_PATH_CONF": str(folder / "config"),
        "ES_TMPDIR": str(folder / "tmp"),
        "ES_JAVA_OPTS": f"{heap} {logs} {config.java_options}".rstrip(),
        "ES_DISTRIBUTION_TYPE": "zip",
        "CLI_NAME": "server",
        "CLI_LIBS": "lib/tools/server-cli,lib/tools/server-launcher",
        "JAVA_TYPE": "ES_JAVA_HOME",
    }


def _launcher(home: Path, settings: Path) -> tuple[str, ...]:
    """Return what bin/elasticsearch, which the archive lacks, would pass to java."""
    jars = ("lib/*", "lib/cli-launcher/*", "lib/tools/server-launcher/*")
    return (
        *("-Xms4m", "-Xmx64m", "-XX:+UseSerialGC"),
        "-Dcli.name=server",
        f"-Dcli.script={home / 'bin' / 'elasticsearch'}",
        "-Dcli.libs=lib/tools/server-cli",
        f"-Des.path.home={home}",
        f"-Des.path.conf={settings}",
        "-Des.distribution.type=zip",
        "-Des.java.type=ES_JAVA_HOME",
        *("-cp", ":".join(f"{home}/{part}" for part in jars)),
        "org.elasticsearch.server.launcher.ServerLauncher",
    )


def _local_settings(config: StackConfig, folder: Path) -> str:
    # Development machines are often nearly full; by default that turns indices read-only.
    watermark = "cluster.routing.allocation.disk.watermark"
    return (
        "\n# This stack\n"
        f"network.host: {LOOPBACK}\n"
        f"http.port: {config.elasticsearch_port}\n"
        f"path.data: {json.dumps(str(folder / 'data'))}\n"
        f"path.logs: {json.dumps(str(folder / 'tmp'))}\n"
        f"xpack.security.enabled: {json.dumps(config.secure)}\n"
        f"{_TLS if config.secure else ''}"
        f"{watermark}.low: 500mb\n"
        f"{watermark}.high: 500mb\n"
        f"{watermark}.flood_stage: 500mb\n"
    )
