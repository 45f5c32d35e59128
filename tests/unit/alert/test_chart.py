"""A chart is an SVG that says what it shows in both languages."""

from datetime import UTC, datetime, timedelta
from math import nan
from xml.etree.ElementTree import Element, fromstring

from services.alert.core.chart import Alerted, Panel, Point, chart

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SVG = "{http://www.w3.org/2000/svg}"


def panel(*stories: int, limit: float = 6, alerts: tuple[Alerted, ...] = ()) -> Panel:
    points = [Point(NOON + n * HOUR, count, 2.0, limit) for n, count in enumerate(stories)]
    return Panel("الموانئ", "Ports & <fields>", points, alerts)


def drawn(*panels: Panel) -> Element:
    return fromstring(chart(panels, "UTC"))  # noqa: S314 - it is our own


def words(svg: Element) -> dict[str | None, Element]:
    return {text.text: text for text in svg.iter(f"{SVG}text")}


def reds(svg: Element) -> list[tuple[float, float]]:
    """Return from where to where alerts are shaded, left to right."""
    shaded = [rect for rect in svg.iter(f"{SVG}rect") if rect.get("opacity")]
    ends = [(float(rect.get("x", "")), float(rect.get("width", ""))) for rect in shaded]
    return [(x, x + width) for x, width in ends]


def test_a_panel_is_headed_in_both_languages_each_in_its_direction() -> None:
    said = words(drawn(panel(1, 2, 3)))
    assert said["الموانئ"].get("direction") == "rtl"
    assert said["Ports & <fields>"].get("direction") == "ltr"
    assert "إنذار · alert" in said


def test_an_alert_is_shaded_from_its_beginning_to_its_end_or_to_the_edge() -> None:
    alerts = (Alerted(NOON + HOUR, NOON + 2 * HOUR), Alerted(NOON + 3 * HOUR, None))
    (first, ended), (second, edge) = reds(drawn(panel(1, 8, 3, 9, 9, alerts=alerts)))
    assert first < ended < second < edge
    assert (ended - first) * 4 == 980 - 56 == edge - 56


def test_the_scale_has_round_numbers_and_room_for_what_was_counted() -> None:
    assert {"0", "9", "18"} <= words(drawn(panel(1, 16))).keys()
    assert {"0", "160", "320"} <= words(drawn(panel(1, 300))).keys()


def test_a_limit_far_above_the_counts_does_not_flatten_them() -> None:
    assert {"5", "10"} <= words(drawn(panel(1, 1, limit=500))).keys()


def test_where_no_count_alerts_the_band_reaches_down() -> None:
    (band,) = drawn(panel(1, 2, limit=nan)).iter(f"{SVG}polygon")
    ordinates = {float(pair.split(",")[1]) for pair in band.get("points", "").split()}
    assert max(ordinates) == 40 + 34 + 140


def test_panels_are_under_one_another_and_none_is_an_empty_picture() -> None:
    assert drawn(panel(1, 2), panel(3, 4)).get("height") == "480"
    assert drawn().get("height") == "40"


def test_the_times_are_as_fine_as_the_picture_has_room_for() -> None:
    assert "03-02 13:00" in words(drawn(panel(1, 2, 3)))
    assert "03-09" in words(drawn(panel(*range(24 * 20))))
