"""Counts, what was expected of them and what would have alerted, drawn as SVG.

A panel for each watch, under one another. Whoever shows the picture has the letters: it names fonts
that have Arabic ones, and leaves their joining and direction to SVG.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, isnan, log10
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, indent, tostring

_WIDTH, _LEFT, _RIGHT = 1000, 56, 980
_HEAD, _PANEL, _TITLE, _PLOT = 40, 220, 34, 140
_MOST_TICKS = 8
_FONTS = "'Noto Naskh Arabic', 'Noto Sans Arabic', 'Segoe UI', 'DejaVu Sans', sans-serif"

_SPANS = [
    *(timedelta(minutes=minutes) for minutes in (10, 30)),
    *(timedelta(hours=hours) for hours in (1, 3, 6, 12)),
    *(timedelta(days=days) for days in (1, 2, 7, 14, 28, 91, 365)),
]
_STORIES, _EXPECTED, _BAND, _ALERT = "#1d4e89", "#4a7c59", "#cfe3d4", "#c1121f"
_LEGEND = (
    (_STORIES, "الأخبار · stories"),
    (_EXPECTED, "المتوقع · expected"),
    (_BAND, "ما دون الإنذار · not yet an alert"),
    (_ALERT, "إنذار · alert"),
)


class Point(NamedTuple):
    """A window that ended ``at``; from ``limit`` stories on it alerts, at none if that is nan."""

    at: datetime
    stories: int
    expected: float
    limit: float


class Alerted(NamedTuple):
    """From when to when an alert went on; None: to the end of what is drawn."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Panel:
    """One watch, in the time of its points, of which there are at least two."""

    title: str
    title_en: str
    points: Sequence[Point]
    alerts: Sequence[Alerted]


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where on the picture a moment and a count are."""

    x: Callable[[datetime], float]
    y: Callable[[float], float]


def chart(panels: Sequence[Panel], zone: str) -> str:
    """Return the picture of ``panels``; ``zone`` names the one of their times."""
    height = _HEAD + _PANEL * len(panels)
    svg = Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {_WIDTH} {height}",
        "width": str(_WIDTH), "height": str(height), "font-family": _FONTS, "font-size": "13",
    })  # fmt: skip
    _add(svg, "rect", width=_WIDTH, height=height, fill="white")
    for n, (colour, words) in enumerate(_LEGEND):
        _add(svg, "rect", x=_LEFT + 205 * n, y=14, width=14, height=12, fill=colour)
        _text(svg, words, _LEFT + 20 + 205 * n, 25)
    _text(svg, zone, _RIGHT, 25, anchor="end", fill="#666")
    for n, panel in enumerate(panels):
        _draw(svg, panel, _HEAD + _PANEL * n)
    indent(svg)
    return tostring(svg, encoding="unicode") + "\n"


def _draw(svg: Element, panel: Panel, top: float) -> None:
    _text(svg, panel.title_en, _LEFT, top + 22, weight="bold")
    _text(svg, panel.title, _RIGHT, top + 22, weight="bold", direction="rtl")
    first, last = panel.points[0].at, panel.points[-1].at
    most = _most(panel.points)
    bottom = top + _TITLE + _PLOT
    scale = _Scale(
        x=lambda at: _LEFT + (at - first) / (last - first) * (_RIGHT - _LEFT),
        y=lambda count: bottom - min(count / most, 1) * _PLOT,
    )
    for alert in panel.alerts:
        begins, ends = scale.x(max(alert.since, first)), scale.x(min(alert.until or last, last))
        _add(svg, "rect", x=begins, y=bottom - _PLOT, width=max(ends - begins, 1), height=_PLOT,
             fill=_ALERT, opacity=0.12)  # fmt: skip
    _draw_band(svg, panel.points, scale)
    _draw_axes(svg, (first, last), most, scale, bottom)
    _line(svg, [(scale.x(p.at), scale.y(p.expected)) for p in panel.points], _EXPECTED, "5 3")
    _line(svg, [(scale.x(p.at), scale.y(p.stories)) for p in panel.points], _STORIES)
    for alert in panel.alerts:
        if alert.since >= first:
            x = scale.x(alert.since)
            _line(svg, [(x, bottom), (x, bottom - _PLOT)], _ALERT)


def _most(points: Sequence[Point]) -> int:
    """Return the top of the scale, even: limits far above what was counted are not shown whole."""
    stories = max(max(point.stories, point.expected) for point in points)
    limit = max((point.limit for point in points if not isnan(point.limit)), default=0)
    most = max(stories, min(limit, 2 * stories + 4)) * 1.05
    unit = 2 * int(10 ** max(int(log10(most)) - 1, 0))
    return ceil(most / unit) * unit


def _draw_band(svg: Element, points: Sequence[Point], scale: _Scale) -> None:
    there = [(scale.x(p.at), scale.y(p.expected)) for p in points]
    limits = [(p.at, 0.0 if isnan(p.limit) else p.limit) for p in reversed(points)]
    back = [(scale.x(at), scale.y(limit)) for at, limit in limits]
    _add(svg, "polygon", points=_path([*there, *back]), fill=_BAND)


def _draw_axes(
    svg: Element,
    span: tuple[datetime, datetime],
    most: int,
    scale: _Scale,
    bottom: float,
) -> None:
    for count in (0, most // 2, most):
        y = scale.y(count)
        _line(svg, [(_LEFT, y), (_RIGHT, y)], "#ddd")
        _text(svg, str(count), _LEFT - 6, y + 4, anchor="end", fill="#666")
    for tick, words in _ticks(*span):
        x = scale.x(tick)
        _line(svg, [(x, bottom), (x, bottom + 4)], "#666")
        _text(svg, words, x, bottom + 20, anchor="middle", fill="#666")


def _ticks(first: datetime, last: datetime) -> Iterator[tuple[datetime, str]]:
    """Return round times, and how they are written, in the zone of ``first``."""
    step = next((span for span in _SPANS if (last - first) / span <= _MOST_TICKS), _SPANS[-1])
    written = "%m-%d" if step >= timedelta(days=1) else "%m-%d %H:%M"
    tick = first.replace(hour=0, minute=0, second=0, microsecond=0)
    while tick <= last:
        if tick >= first:
            yield tick, tick.strftime(written)
        tick += step


def _line(
    svg: Element,
    points: Sequence[tuple[float, float]],
    colour: str,
    dashes: str = "none",
) -> None:
    how = {"stroke-width": "1.5", "stroke-dasharray": dashes}
    _add(svg, "polyline", points=_path(points), fill="none", stroke=colour, **how)


def _text(
    svg: Element, words: str, x: float, y: float, *, anchor: str = "start",
    fill: str = "#222", weight: str = "normal", direction: str = "ltr",
) -> None:  # fmt: skip
    how = {"text-anchor": anchor, "font-weight": weight, "direction": direction}
    _add(svg, "text", x=x, y=y, fill=fill, **how).text = words


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _add(svg: Element, name: str, **attributes: float | str) -> Element:
    return SubElement(svg, name, {key: str(value) for key, value in attributes.items()})
