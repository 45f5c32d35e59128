"""Elasticsearch as a child process: configuration, command line, whether it answers."""

import json
import shutil
import urllib.error
import urllib.request
from pathlib import Path

from deploy.local.account import Account, give, make_folder
from deploy.local.config import LOOPBACK, StackConfig
from deploy.local.distribution import Distribution
from deploy.local.supervisor import ProcessSpec

_SETTINGS = Path(__file__).parents[1] / "elasticsearch"
_LOG_SETTINGS = Path(__file__).with_name("log4j2.properties")

# On the machine itself, whatever proxy the environment names for the rest of the world.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


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


def answers(url: str) -> bool:
    """Whether the Elasticsearch at ``url`` serves all its indices (or asks who we are).

    After a restart it accepts connections some time before it has found its indices again.
    """
    health = f"{url.rstrip('/')}/_cluster/health?wait_for_status=yellow&timeout=1s"
    try:
        with _direct.open(health, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code in (401, 403)
    except OSError:
        return False


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
        f"{watermark}.low: 500mb\n"
        f"{watermark}.high: 500mb\n"
        f"{watermark}.flood_stage: 500mb\n"
    )
