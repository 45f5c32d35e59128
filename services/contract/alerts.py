"""What a watch says: one message for each thing that happens to an incident.

It changes by the rules of articles.py. The topic is keyed by ``alert_id``, so that what is said of
one incident stays in order; said again after a crash, it has the same ``alert_id``, ``happening``
and ``at``.
"""

from typing import Annotated, Literal

from pydantic import Field

from services.contract.articles import (
    Brief,
    Count,
    EntityType,
    Message,
    NonEmpty,
    SchemaVersion,
    Share,
    Utc,
)

Amount = Annotated[float, Field(ge=0)]


class AlertedWatch(Message):
    """The watch as it was when it alerted. No channels: all that there are.

    What is ``emerging`` nobody watches: the name or phrase in ``query`` rose by itself. A reader
    that does not know this kind refuses the alert (decision 21).
    """

    id: NonEmpty
    title: NonEmpty
    title_en: NonEmpty
    query: NonEmpty
    kind: Literal["spike", "drop", "emerging"]
    severity: Literal["info", "warning", "critical"]
    labels: dict[str, NonEmpty] = Field(default_factory=dict)
    channels: tuple[NonEmpty, ...] = ()


class Figures(Message):
    """What was counted in the window that ended ``at``, and how surprising that is.

    ``stories`` are counted, not their copies. Chance would raise ``false_alerts_per_month`` alerts
    if this count were the limit. ``learning``: the history is short; ``degraded``: sources that
    usually write of it are silent.
    """

    stories: Count
    sources: Count
    expected: Amount
    probability: Share
    false_alerts_per_month: Amount
    learning: bool = False
    degraded: bool = False


class Point(Message):
    """One window of the sparkline: when it ended, its stories, and how many were expected."""

    at: Utc
    stories: Count
    expected: Amount


class AlertedStory(Message):
    """A story of the window, as the first of its articles tells it; it has ``articles`` in all."""

    story_id: NonEmpty
    title: Brief
    url: NonEmpty
    source_id: NonEmpty
    source_name: Brief | None = None
    first_seen_at: Utc
    articles: Annotated[int, Field(ge=1)]


class AlertedEntity(Message):
    """Who or what the stories of the window name far more often than others; ``stories`` do."""

    id: NonEmpty | None
    type: EntityType
    name: NonEmpty
    name_en: Brief | None = None
    stories: Annotated[int, Field(ge=1)]


class Alert(Message):
    """Something that happened to an incident. Topic ``news.alerts.v1``, key ``alert_id``.

    ``alert_id`` is of the incident, ``fingerprint`` of all incidents of the watch. ``began_at`` is
    the end of the first window that exceeded, ``peak`` the most extreme count since, ``ended_at``
    None while it goes on.
    """

    schema_: SchemaVersion = Field(1, alias="schema")
    alert_id: NonEmpty
    fingerprint: NonEmpty
    happening: Literal["fired", "escalated", "resolved"]
    at: Utc
    window_s: Annotated[int, Field(ge=1)]
    began_at: Utc
    ended_at: Utc | None = None
    peak: Count
    watch: AlertedWatch
    figures: Figures
    sparkline: tuple[Point, ...] = ()
    stories: tuple[AlertedStory, ...] = ()
    entities: tuple[AlertedEntity, ...] = ()
    terms: tuple[NonEmpty, ...] = ()
    text: Brief
    text_en: Brief
