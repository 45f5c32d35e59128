"""Enrichment without Kafka: a line of JSON in, a line of JSON out, whatever the line holds."""

import json
from datetime import UTC, date, datetime, time
from typing import Any

from pydantic import TypeAdapter

from services.contract.articles import MAX_TEXT_CHARS, EnrichedArticle, RawArticle, article_id
from services.enrich.core.clean import repair
from services.enrich.enrichment import Models, enrich

MAX_LINE_BYTES = 8 * 1024 * 1024
_MAX_TITLE_CHARS = 2_000
_MAX_HINT_CHARS = 35  # what RFC 5646 asks implementations to support of a language tag
_NOT_SHOWN = {"article", "schema_", "enriched_at", "enriched_by"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ENRICHED = TypeAdapter(EnrichedArticle)


class LineError(ValueError):
    """A line that is no article; the message says why."""


def annotate(line: bytes, number: int, models: Models) -> bytes:
    """Return what enrichment finds in the article of ``line``, without a line end.

    The article is ``{"id", "title", "text", "published_at", "source_id", "language_hint"}``, all
    but ``text`` optional. A line that is none comes back as ``{"id", "line", "error"}``.
    """
    given: dict[str, Any] = {}
    try:
        given = _parse(line)
        enriched = enrich(_article(given), models, _EPOCH, "annotate")
        fields = _ENRICHED.dump_json(enriched, exclude=_NOT_SHOWN)
    except LineError as error:
        return _dump({"id": _id(given), "line": number, "error": str(error)})
    except Exception as error:  # a bug of ours, but the lines after it are to be answered
        return _dump({"id": _id(given), "line": number, "error": f"bug: {error!r}"})
    return b'{"id":' + _dump(_id(given)) + b"," + fields[1:]


def _parse(line: bytes) -> dict[str, Any]:
    if len(line) > MAX_LINE_BYTES:
        raise LineError(f"longer than {MAX_LINE_BYTES} bytes")
    try:
        given = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise LineError(f"not JSON: {error}") from error
    if not isinstance(given, dict):
        raise LineError("not a JSON object")
    if not isinstance(given.get("text"), str):
        raise LineError("text: a string is required")
    for field in ("title", "published_at", "source_id", "language_hint"):
        if not isinstance(given.get(field), str | None):
            raise LineError(f"{field}: a string is expected")
    return given


def _article(given: dict[str, Any]) -> RawArticle:
    text = repair(given["text"])
    published_at, precision = _published(given.get("published_at"))
    identity = article_id(str(_id(given)))
    url = f"annotate:{identity}"
    return RawArticle(
        article_id=identity,
        canonical_url=url,
        url=url,
        source_id=repair(given.get("source_id") or "")[:200] or "annotate",
        title=repair(given.get("title") or "")[:_MAX_TITLE_CHARS],
        text=text[:MAX_TEXT_CHARS],
        text_origin="import",
        language_hint=repair(given.get("language_hint") or "")[:_MAX_HINT_CHARS] or None,
        published_at=published_at,
        published_origin="none" if published_at is None else "feed",
        published_precision=precision,
        first_seen_at=published_at or _EPOCH,
        fetched_at=published_at or _EPOCH,
        content_hash="annotate",
        truncated=len(text) > MAX_TEXT_CHARS,
    )


def _published(given: str | None) -> tuple[datetime | None, Any]:
    """Return the moment and its precision. A time without a zone is UTC."""
    if not given:
        return None, None
    try:
        if len(given) == len("2020-11-25"):
            return datetime.combine(date.fromisoformat(given), time(), UTC), "day"
        moment = datetime.fromisoformat(given)
        zoned = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        return zoned.astimezone(UTC), "second"
    except (ValueError, OverflowError) as error:
        raise LineError(f"published_at: {error}") from error


def _id(given: dict[str, Any]) -> str | int | None:
    """Return the caller's id as it was given, if it is one."""
    value = given.get("id")
    return repair(value) if isinstance(value, str) else value if isinstance(value, int) else None


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
