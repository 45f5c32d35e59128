"""The layer rule of ARCHITECTURE.md, read off the imports; and proof that the reading bites."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

EFFECTS = {
    *("aiokafka", "asyncio", "elasticsearch", "faust", "http", "httpx", "io", "kafka"),
    *("logging", "multiprocessing", "os", "pathlib", "prometheus_client", "random", "secrets"),
    *("shutil", "signal", "socket", "sqlite3", "ssl", "structlog", "subprocess", "sys"),
    *("tempfile", "threading", "time", "urllib.request", "uuid"),
}
"""What a core may not import: the outside world, the clock, chance."""

IMPURE_CALLS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("time.time", "time.monotonic", "open", "print", "input"),
}

SHARED = {"services.contract", "services.runtime"}


def imports(path: Path, root: Path) -> Iterator[str]:
    """Yield the full name of each module (or name in a module) that ``path`` imports."""
    package = path.relative_to(root).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*above, *filter(None, [node.module])))
            yield from (f"{module}.{name.name}" for name in node.names)


def within(module: str, packages: set[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def impure_calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = ".".join(ast.unparse(node.func).rsplit(".", 2)[-2:])
            if called in IMPURE_CALLS or called.startswith("random."):
                yield called


def forbidden_in_core(service: str) -> set[str]:
    """A core may know the contract, itself and pure libraries: nothing else of the service."""
    return EFFECTS | {"deploy", "services.runtime"} | {f"services.{service}.edges"}


def breaches_of_core(root: Path) -> Iterator[str]:
    for path in sorted(root.glob("services/*/core/**/*.py")):
        service = path.relative_to(root).parts[1]
        for module in imports(path, root):
            own = within(module, {f"services.{service}"})
            if within(module, forbidden_in_core(service)) or (
                own and not within(module, {f"services.{service}.core"})
            ):
                yield f"{path.relative_to(root)} imports {module}"
        for called in impure_calls(path):
            yield f"{path.relative_to(root)} calls {called}()"


def allowed_to(path: Path, root: Path) -> set[str] | None:
    """Return which of Rasid's packages a file may import; None for all of them."""
    match path.relative_to(root).parts:
        case ("services", "contract", *_):
            return {"services.contract"}
        case ("services", "runtime", *_):
            return SHARED
        case ("services", "cli", *_):
            return None
        case ("services", service, *rest) if rest:
            return SHARED | {f"services.{service}"}
        case ("deploy", "demo", *_):  # a user of the services, as the command line is
            return SHARED | {f"services.{service}" for service in services(root)} | {"deploy"}
        case ("deploy", "setup", *_):  # makes topics and indices as the services know them
            edges = {f"services.{service}.edges" for service in services(root)}
            configs = {f"services.{service}.config" for service in services(root)}
            return SHARED | edges | configs | {"deploy"}
        case ("deploy", *_):  # starts them as processes, after a look at their settings
            configs = {f"services.{service}.config" for service in services(root)}
            return SHARED | configs | {"deploy"}
        case _:
            return set()


def services(root: Path) -> set[str]:
    folders = {path.parent.name for path in root.glob("services/*/__init__.py")}
    return folders - {"contract", "runtime", "cli"}


def breaches_between_packages(root: Path) -> Iterator[str]:
    for path in sorted([*root.glob("services/**/*.py"), *root.glob("deploy/**/*.py")]):
        allowed = allowed_to(path, root)
        for module in imports(path, root):
            # `import deploy` alone is how a service finds the data files that travel with it.
            ours = within(module, {"services", "deploy"}) and module != "deploy"
            if allowed is not None and ours and not within(module, allowed):
                yield f"{path.relative_to(root)} imports {module}"


def breaches(root: Path) -> list[str]:
    return [*breaches_of_core(root), *breaches_between_packages(root)]


def test_the_layers_are_kept() -> None:
    assert not breaches(ROOT)


def test_there_is_something_to_check() -> None:
    assert services(ROOT) >= {"ingest", "enrich", "index", "alert"}
    assert all(list(ROOT.glob(f"services/{name}/core/*.py")) for name in services(ROOT))


PLANTED = {
    "a library with effects": ("services/ingest/core/a.py", "import httpx"),
    "a part of one": ("services/ingest/core/a.py", "from urllib import request"),
    "an effect within a function": ("services/ingest/core/a.py", "def f():\n    import os"),
    "the clock as a module": ("services/ingest/core/a.py", "import time as t"),
    "chance": ("services/ingest/core/a.py", "from random import choice"),
    "the clock of datetime": (
        "services/ingest/core/a.py",
        "import datetime\nx = datetime.datetime.now(datetime.UTC)",
    ),
    "the clock, imported by name": (
        "services/ingest/core/a.py",
        "from datetime import datetime\nx = datetime.now()",
    ),
    "today": ("services/ingest/core/a.py", "from datetime import date\nx = date.today()"),
    "a file": ("services/ingest/core/a.py", "x = open('a')"),
    "edges, absolute": ("services/ingest/core/a.py", "from services.ingest.edges import http"),
    "edges, relative": ("services/ingest/core/a.py", "from ..edges import http"),
    "edges of a deeper core": ("services/ingest/core/b/c.py", "from ...edges.http import get"),
    "settings in a core": ("services/ingest/core/a.py", "from services.ingest import config"),
    "runtime in a core": ("services/ingest/core/a.py", "import services.runtime.health"),
    "another service": ("services/ingest/pipeline.py", "from services.index import write"),
    "another service, relative": ("services/ingest/pipeline.py", "from ..index import write"),
    "another service's core": ("services/ingest/core/a.py", "import services.index.core.b"),
    "the command line": ("services/ingest/pipeline.py", "from services.cli import app"),
    "deploy in a service": ("services/ingest/pipeline.py", "from deploy.local import stack"),
    "a service in the contract": ("services/contract/a.py", "from services.ingest import core"),
    "runtime in the contract": ("services/contract/a.py", "from services.runtime import logs"),
    "a service in the runtime": ("services/runtime/a.py", "import services.ingest.config"),
    "a service in deploy": ("deploy/local/a.py", "from services.ingest import pipeline"),
    "the command line in deploy": ("deploy/demo/a.py", "import services.cli.app"),
}


@pytest.mark.parametrize(("path", "source"), PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_breach_is_found(tmp_path: Path, path: str, source: str) -> None:
    plant(tmp_path, path, source)
    found = breaches(tmp_path)
    assert found
    assert all(breach.startswith(path) for breach in found)


CLEAN = {
    "pure libraries": ("services/ingest/core/a.py", "import re, lxml.html, urllib.parse"),
    "a name like a module": ("services/ingest/core/a.py", "from datetime import time, UTC"),
    "the contract": ("services/ingest/core/a.py", "from services.contract.articles import X"),
    "its own core": ("services/ingest/core/a.py", "from . import b\nfrom .b import c"),
    "an edge uses the core": ("services/ingest/edges/a.py", "import httpx\nfrom ..core import b"),
    "an edge reads the clock": ("services/ingest/edges/a.py", "import time\nx = time.time()"),
    "the runtime knows the contract": ("services/runtime/a.py", "import services.contract.wire"),
    "the command line knows all": (
        "services/cli/a.py",
        "import services.index.search, deploy.demo",
    ),
    "the data of deploy": ("services/ingest/config.py", "import deploy"),
    "the demo searches": ("deploy/demo/a.py", "from services.ingest.edges import http"),
    "settings in deploy": ("deploy/local/a.py", "from services.ingest.config import Settings"),
}


@pytest.mark.parametrize(("path", "source"), CLEAN.values(), ids=CLEAN.keys())
def test_what_is_allowed_is_not_a_breach(tmp_path: Path, path: str, source: str) -> None:
    plant(tmp_path, path, source)
    assert not breaches(tmp_path)


def plant(root: Path, path: str, source: str) -> None:
    (root / "services/ingest").mkdir(parents=True)
    (root / "services/ingest/__init__.py").touch()
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source)
