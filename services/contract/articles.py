"""The messages on Rasid's topics, each defined once.

How they may change:

1. A new field is optional and its default means "not known"; readers ignore unknown fields.
   Readers are deployed first: index, then enrich, then ingest.
2. A field never changes type, unit or meaning, and its name is never used again.
3. A break is a new class and a new topic (``articles.raw.v2``) with a pure upgrade function here.
4. Every release adds golden messages to ``golden/``; all of them decode for ever. The JSON Schemas
   in ``schemas/`` are committed, so that a change shows in review.
5. Every topic is keyed by ``article_id``, so the revisions of one article stay in order. The
   canonicaliser of URLs decides the id and is therefore part of the contract.

Offsets in ``entities`` and ``dates`` are half-open ranges of Unicode code points into
``EnrichedArticle.text``. Times are aware and in UTC.
"""

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

MAX_TEXT_CHARS = 200_000
"""A longer text is cut by ingest and marked ``truncated``."""

MAX_FIELD_CHARS = 4_096
"""Of everything else: titles, names, addresses."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _to_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:  # the first or last hours of the calendar
        raise ValueError("the time has no equivalent in UTC") from error


Utc = Annotated[AwareDatetime, AfterValidator(_to_utc)]
NonEmpty = Annotated[str, Field(min_length=1, max_length=MAX_FIELD_CHARS)]
Brief = Annotated[
    str, Field(max_length=MAX_FIELD_CHARS)
]  # a bounded str may hold no lone surrogate either
Share = Annotated[float, Field(ge=0, le=1)]
Revision = Annotated[int, Field(ge=1, le=2**31 - 1)]  # what an Elasticsearch integer holds
Count = Annotated[int, Field(ge=0)]
SchemaVersion = Annotated[int, Field(ge=1, le=1)]  # a build rejects what is newer than itself
EntityType = Literal["PER", "LOC", "ORG", "GROUP", "EVENT", "MISC"]
Grain = Literal["day", "week", "month", "quarter", "season", "year", "decade", "century"]
DateKind = Literal[
    "absolute", "partial", "relative", "range", "recurring", "hijri", "event", "duration"
]


class Message(BaseModel):
    """Base of everything on the wire: immutable, strict about types, tolerant of new fields."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="ignore",
        allow_inf_nan=False,
        populate_by_name=True,
        serialize_by_alias=True,
    )


class Charset(Message):
    """How the bytes of a page became text."""

    name: NonEmpty
    origin: Literal["bom", "utf-8", "http", "markup", "source", "detector"]


PagePlace = Literal["json-ld", "meta", "microdata", "time", "text"]
"""Where a page says when its article was published: the text is what readers see at the title."""


class RawArticle(Message):
    """One article as fetched and extracted, nothing inferred. Topic ``articles.raw.v1``."""

    schema_: SchemaVersion = Field(1, alias="schema")
    article_id: NonEmpty  # hash of the canonical URL that it was first published under
    canonical_url: NonEmpty
    url: NonEmpty
    source_id: NonEmpty
    source_name: Brief | None = None
    source_country: Brief | None = None
    source_timezone: NonEmpty = "Africa/Tripoli"
    source_scope: Literal["libya", "world"] | None = None  # world: kept only if it concerns Libya
    title: Annotated[str, Field(max_length=2_000)]
    text: Annotated[str, Field(max_length=MAX_TEXT_CHARS)]
    text_origin: Literal["page", "feed", "import"]
    byline: Brief | None = None
    section: Brief | None = None
    image_url: Brief | None = None
    language_hint: Brief | None = None
    published_at: Utc | None = None
    published_origin: Literal["feed", "page", "url", "none"] = "none"
    published_place: PagePlace | None = None  # None: another origin, or an earlier build
    published_precision: Literal["second", "day"] | None = None
    modified_at: Utc | None = None
    first_seen_at: Utc
    fetched_at: Utc
    revision: Revision = 1
    change: Literal["title", "body", "both"] | None = None  # what a later revision changed
    content_hash: NonEmpty
    charset: Charset | None = None
    mode: Literal["live", "backfill"] = "live"
    truncated: bool = False


class Published(Message):
    """When the article was published, as well as can be told. ``value`` is None when it cannot."""

    value: Utc | None
    precision: Literal["second", "day", "month"] | None
    origin: Literal["feed", "page", "url", "text", "none"]
    confidence: Share


class TitleLanguage(Message):
    """The language of the title: a BCP-47 tag, ``und`` where there is nothing to tell it from."""

    tag: NonEmpty
    confidence: Share
    script: NonEmpty | None = None


class Language(Message):
    """The language of the text: a BCP-47 tag, ``und`` where there is nothing to tell it from.

    ``script`` is an ISO 15924 code, ``others`` the other languages of the text with their shares of
    its letters. None: an earlier build did not look.
    """

    tag: NonEmpty
    confidence: Share
    script: NonEmpty | None = None
    others: dict[str, Share] | None = None
    title: TitleLanguage | None = None


class Mention(Message):
    """One place where an entity is named: the bare name, without attached prefixes."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=1)]
    text: NonEmpty


class GeoPoint(Message):
    """WGS 84 degrees."""

    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]


class Entity(Message):
    """Somebody or something named in the text. ``id`` is None for a name the knowledge lacks.

    ``salience`` is how much the article is about it: in the title, often, early. None: an earlier
    build did not say.
    """

    id: NonEmpty | None
    type: EntityType
    name: NonEmpty
    name_en: str | None = None
    ids: dict[str, str] = Field(default_factory=dict)
    geo: GeoPoint | None = None
    mentions: tuple[Mention, ...]
    salience: Share | None = None


class DateMention(Message):
    """A date expression and what it means. ``value`` is ISO 8601/EDTF, None when unresolved."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=1)]
    text: NonEmpty
    value: str | None
    from_: date | None = Field(None, alias="from")
    to: date | None = None
    grain: Grain
    kind: DateKind
    approximate: bool = False


class Signature(Message):
    """What near-duplicates share: hashes of whole paragraphs, MinHash bands of the whole text."""

    paragraphs: tuple[NonEmpty, ...] = ()
    bands: tuple[NonEmpty, ...] = ()


class LibyaRelevance(Message):
    """How much the article is about Libya, 0 to 1, and the words that say so."""

    score: Share
    reasons: tuple[str, ...] = ()


class EnrichedArticle(Message):
    """What enrich learned about one RawArticle. Topic ``articles.enriched.v1``, same key."""

    schema_: SchemaVersion = Field(1, alias="schema")
    article: RawArticle
    text: Annotated[str, Field(max_length=MAX_TEXT_CHARS)]
    published: Published
    language: Language
    entities: tuple[Entity, ...] = ()
    dates: tuple[DateMention, ...] = ()
    signature: Signature = Signature()
    libya: LibyaRelevance
    enriched_at: Utc
    enriched_by: NonEmpty


class Wording(Message):
    """What is kept of an article's title and text, to know it again: see ingest's wording.py."""

    title: Brief
    text: Brief
    sketch: Brief


class SeenArticle(Message):
    """What a source's cursor remembers of one article it has shown.

    ``other_id`` is the id that its present canonical URL would give, where that is another one;
    ``revised_at`` are the times of its last revisions. ``vain_readings`` is how often in a row the
    feed said something new of it and its page did not.
    """

    article_id: NonEmpty
    item_hash: NonEmpty
    content_hash: NonEmpty
    revision: Revision
    first_seen_at: Utc
    last_listed_at: Utc
    wording: Wording | None = None
    other_id: NonEmpty | None = None
    revised_at: tuple[Utc, ...] = ()
    vain_readings: Count = 0


class Waiting(Message):
    """An item to be read at ``due_at`` even if the feed no longer lists it, as the feed gave it.

    ``page_title`` is a digest of the page's own title: when that changes it is the newer one.
    ``validator`` is the ETag, or else the Last-Modified, of the page as it was published.
    """

    due_at: Utc
    link: NonEmpty
    title: Brief = ""
    page_title: NonEmpty | None = None
    byline: Brief | None = None
    section: Brief | None = None
    published_at: Utc | None = None
    published_precision: Literal["second", "day"] | None = None
    validator: NonEmpty | None = None


class BackOff(Message):
    """An attempt at a page that has failed ``since`` for what will pass; it rests ``until``."""

    since: Utc
    until: Utc


class SourceState(Message):
    """A source's cursor. Topic ``ingest.sources.v1``, compacted, key ``source_id``.

    ``seen`` maps an item's key in the feed to what became of it, ``pending`` the key of an item
    that could not be read yet to how often that was tried, ``backing_off`` such a key to when the
    last of these attempts goes on, ``waiting`` a key to what is to be read without the feed,
    ``unconfirmed`` a key to the version that may or may not be published.

    ``totals`` counts what became of items since ever, ``daily`` the same for the last two days of
    UTC by their ISO dates; the README of ingest lists the names. None: an earlier build.

    ``etag``, ``last_modified`` and ``body_hash`` (of its bytes) stand for the listing that was read
    last; None where it has to be read again.

    ``interval_s`` is how often it is worth asking, by what ``old_share`` (of the items of the last
    poll) and the one before it said. ``update_interval_s`` is how often the source said, in its
    last full answer (at ``full_at``), that it changes; None if it did not. ``failures`` in a row
    weigh ``failure_weight``. ``url`` is the catalogue's address that all this was learned at,
    ``moved_to`` where it has been permanently redirected to since ``moved_since``, in
    ``moved_polls`` polls. ``retried_at`` is the last `RetryRequest` that was done.
    """

    schema_: SchemaVersion = Field(1, alias="schema")
    source_id: NonEmpty
    etag: str | None = None
    last_modified: str | None = None
    body_hash: NonEmpty | None = None
    polled_at: Utc | None = None
    full_at: Utc | None = None
    next_poll_at: Utc | None = None
    failures: Count = 0
    failure_weight: Annotated[float, Field(ge=0)] = 0
    interval_s: Annotated[float, Field(gt=0)] | None = None
    old_share: Share | None = None
    update_interval_s: Annotated[float, Field(gt=0)] | None = None
    url: NonEmpty | None = None
    moved_to: NonEmpty | None = None
    moved_since: Utc | None = None
    moved_polls: Count = 0
    seen: dict[str, SeenArticle] = Field(default_factory=dict)
    pending: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    backing_off: dict[str, BackOff] = Field(default_factory=dict)
    waiting: dict[str, Waiting] = Field(default_factory=dict)
    unconfirmed: dict[str, SeenArticle] = Field(default_factory=dict)
    totals: dict[str, Count] | None = None
    daily: dict[str, dict[str, Count]] | None = None
    retried_at: Utc | None = None


class RetryRequest(Message):
    """That what a source gave up is to be tried again. Topic ``ingest.requests.v1``, compacted.

    The key is ``source_id``. It is done once, by whoever has the source: its cursor says in
    ``retried_at`` which request that was, by its ``asked_at``.
    """

    schema_: SchemaVersion = Field(1, alias="schema")
    source_id: NonEmpty
    asked_at: Utc


def article_id(canonical_url: str) -> str:
    """Return the id of the article at ``canonical_url``: 32 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(canonical_url.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def document_version(fetched_at: datetime) -> int:
    """Return the document version of a fetch: milliseconds since 1970, so that a newer one wins."""
    return (fetched_at - _EPOCH) // timedelta(milliseconds=1)
