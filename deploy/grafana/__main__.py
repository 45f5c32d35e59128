"""Writes the dashboards: ``python -m deploy.grafana``. A row is a title, a unit and its queries."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("dashboards")
Panel = tuple[str, str, dict[str, str]]
"""Title, Grafana's name of the unit, and the queries by their legends."""

DASHBOARDS: dict[str, list[Panel]] = {
    "Pipeline overview": [
        ("Services that answer", "none", {"{{service}}": 'sum by (service) (up{job="rasid"})'}),
        ("Waited for", "none", {"{{service}}: {{component}}": "rasid_unavailable == 1"}),
        ("Behind", "s", {"{{service}}": "service_topic:rasid_consumer_lag_seconds:max"}),
        ("Records left", "none", {"{{service}}": "service_topic:rasid_consumer_lag_records:sum"}),
        ("Messages", "ops", {"{{service}} {{fate}}": "service_fate:rasid_articles:rate5m"}),
        (
            "Dead letters in an hour",
            "none",
            {"{{service}} {{reason}}": "increase(rasid_dead_letters_total[1h])"},
        ),
        ("95 % are found within", "s", {"{{since}}": "since:rasid_end_to_end_latency_seconds:p95"}),
        (
            "Languages",
            "ops",
            {"{{language}}": "sum by (language) (rate(rasid_enriched_languages_total[30m]))"},
        ),
    ],
    "Sources": [
        (
            "Polled, overdue",
            "none",
            {"polled": "rasid_sources_scheduled", "due": "rasid_polls_overdue"},
        ),
        ("Failing", "none", {"{{source}}": "rasid_source_failure_weight > 0"}),
        (
            "Since the last article",
            "s",
            {"{{source}}": "topk(15, time() - rasid_source_last_article_timestamp_seconds)"},
        ),
        (
            "Polls",
            "ops",
            {"{{outcome}}": "sum by (outcome) (rate(rasid_source_polls_total[15m]))"},
        ),
        (
            "Articles in an hour",
            "none",
            {"{{source}}": 'topk(15, increase(rasid_source_items_total{outcome="published"}[1h]))'},
        ),
        ("Pages", "ops", {"{{found}}": "sum by (found) (rate(rasid_pages_read_total[15m]))"}),
    ],
    "Search and index": [
        (
            "Documents",
            "ops",
            {"{{outcome}}": "sum by (outcome) (rate(rasid_bulk_items_total[5m]))"},
        ),
        ("Bulk requests", "Bps", {"sent": "sum(rate(rasid_bulk_bytes_total[5m]))"}),
        (
            "95 % of bulk requests take",
            "s",
            {
                "duration": "histogram_quantile(0.95,"
                " sum by (le) (rate(rasid_bulk_duration_seconds_bucket[5m])))"
            },
        ),
        (
            "Since the last commit",
            "s",
            {"{{instance}}": "time() - rasid_last_commit_timestamp_seconds"},
        ),
    ],
    "Alerts": [
        ("Firing rules", "none", {"{{alertname}} {{service}}": 'ALERTS{alertstate="firing"}'}),
        (
            "What watches found in a day",
            "none",
            {"{{happening}} {{severity}}": "increase(rasid_alerts_total[1d])"},
        ),
        ("Watches", "none", {"counted": "rasid_alert_watches"}),
        ("Behind", "s", {"counting": "time() - rasid_alert_counted_until_timestamp_seconds"}),
        ("Undelivered", "s", {"{{channel}}": "rasid_alert_oldest_undelivered_seconds"}),
        (
            "Deliveries in an hour",
            "none",
            {"{{channel}} {{outcome}}": "increase(rasid_alert_deliveries_total[1h])"},
        ),
    ],
}


def files() -> dict[Path, str]:
    """Return the content of each dashboard's file."""
    made = {}
    for title, panels in DASHBOARDS.items():
        uid = f"rasid-{title.lower().replace(' ', '-')}"
        dashboard = {
            "uid": uid,
            "title": title,
            "tags": ["rasid"],
            "timezone": "utc",
            "refresh": "30s",
            "time": {"from": "now-6h", "to": "now"},
            "schemaVersion": 39,
            "panels": [_panel(number, panel) for number, panel in enumerate(panels)],
        }
        made[FOLDER / f"{uid}.json"] = json.dumps(dashboard, indent=1) + "\n"
    return made


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    title, unit, queries = panel
    source = {"type": "prometheus", "uid": "prometheus"}
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": title,
        "datasource": source,
        "gridPos": {"x": number % 2 * 12, "y": number // 2 * 8, "w": 12, "h": 8},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + n), "datasource": source, "expr": expr, "legendFormat": legend}
            for n, (legend, expr) in enumerate(queries.items())
        ],
    }


if __name__ == "__main__":
    for path, content in files().items():
        path.write_text(content, encoding="utf-8")
