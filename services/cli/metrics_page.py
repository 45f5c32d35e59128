"""docs/metrics.md, made of the code: `make metrics-page`."""

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase

from services.runtime import metrics as shared

PAGE = Path(__file__).parents[2] / "docs/metrics.md"
SERVICES = ("ingest", "enrich", "index", "alert")
_SAMPLES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "info": ("_info",)}
_INTRODUCTION = """# Metrics

What the services tell on `/metrics`. Written by `make metrics-page` from the code: do not edit it.
A histogram has `_bucket`, `_sum` and `_count`; times are seconds, timestamps seconds since 1970.
Beside these there are Python's own (`python_*`, `process_*`): memory, CPU time, open files.
"""


def metrics_by_service() -> dict[str, list[MetricWrapperBase]]:
    """Return the metrics of each service, those that every service has under ``runtime``."""
    every = _defined({"services.runtime.metrics": vars(shared)})
    found = {"runtime": every}
    for service in SERVICES:
        package = f"services.{service}"
        importlib.import_module(f"{package}.__main__")
        modules = {n: vars(m) for n, m in sys.modules.items() if n.startswith(package + ".")}
        found[service] = [metric for metric in _defined(modules) if metric not in every]
    return found


def sample_names() -> set[str]:
    """Return the names that the metrics have where they are scraped."""
    return {
        name + suffix
        for metrics in metrics_by_service().values()
        for metric in metrics
        for name, kind, _, _ in [_facts(metric)]
        for suffix in _SAMPLES.get(kind, ("",))
    }


def page() -> str:
    """Return the page, in Markdown."""
    parts = [_INTRODUCTION]
    for service, metrics in metrics_by_service().items():
        title = "Every service" if service == "runtime" else service
        parts.append(f"## {title}\n\n| metric | type | labels | meaning |\n|---|---|---|---|")
        parts += [_row(metric) for metric in metrics]
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _defined(modules: Mapping[str, Mapping[str, object]]) -> list[MetricWrapperBase]:
    values = [value for names in modules.values() for value in names.values()]
    metrics = {id(value): value for value in values if isinstance(value, MetricWrapperBase)}
    return sorted(metrics.values(), key=lambda metric: _facts(metric)[0])


def _facts(metric: MetricWrapperBase) -> tuple[str, str, tuple[str, ...], str]:
    """Return name, type, labels and meaning, which the library has no public way to ask for."""
    family = next(iter(metric.describe()))
    labels = ("version",) if family.type == "info" else metric._labelnames
    return family.name, family.type, labels, family.documentation


def _row(metric: MetricWrapperBase) -> str:
    name, kind, labels, meaning = _facts(metric)
    suffix = "" if kind == "histogram" else _SAMPLES.get(kind, ("",))[0]
    return f"| `{name}{suffix}` | {kind} | {', '.join(labels)} | {meaning} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
