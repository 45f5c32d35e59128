"""What the overlays of deploy/kubernetes make, as kubectl renders them, without a cluster."""

import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.services import SERVICES

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "deploy/kubernetes"
OVERLAYS = sorted(path.name for path in (FOLDER / "overlays").iterdir())

Object = dict[str, Any]

every_overlay = pytest.mark.parametrize("overlay", OVERLAYS)
every_service = pytest.mark.parametrize("service", SERVICES)


@cache
def rendered(overlay: str) -> list[Object]:
    """Return what the command of the README makes of an overlay."""
    program = shutil.which("kubectl")
    if program is None:
        pytest.skip("kubectl is not installed")
    command = [program, "kustomize", "--load-restrictor", "LoadRestrictionsNone"]
    result = subprocess.run(
        [*command, str(FOLDER / "overlays" / overlay)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return list(yaml.safe_load_all(result.stdout))


def of_kind(overlay: str, kind: str) -> dict[str, Object]:
    return {o["metadata"]["name"]: o for o in rendered(overlay) if o["kind"] == kind}


def pods(overlay: str) -> dict[str, Object]:
    """Return the templates of our own Pods by name."""
    workloads = {**of_kind(overlay, "Deployment"), **of_kind(overlay, "Job")}
    return {name: workload["spec"]["template"] for name, workload in workloads.items()}


def container(overlay: str, name: str) -> Object:
    [only] = pods(overlay)[name]["spec"]["containers"]
    return only  # type: ignore[no-any-return]


def environ(overlay: str, name: str) -> dict[str, str]:
    variables: dict[str, str] = {}
    for source in container(overlay, name).get("envFrom", []):
        variables |= of_kind(overlay, "ConfigMap")[source["configMapRef"]["name"]]["data"]
    return variables | {v["name"]: v["value"] for v in container(overlay, name)["env"]}
