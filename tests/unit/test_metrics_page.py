"""docs/metrics.md says what the services expose."""

from services.cli.metrics_page import PAGE, metrics_by_service, page, sample_names


def test_the_page_is_what_make_metrics_page_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_service_has_metrics_of_its_own_and_every_metric_a_meaning() -> None:
    for service, metrics in metrics_by_service().items():
        assert metrics, service
        assert all(next(iter(metric.describe())).documentation for metric in metrics)
    assert {"rasid_articles_total", "rasid_build_info", "rasid_unavailable"} <= sample_names()
