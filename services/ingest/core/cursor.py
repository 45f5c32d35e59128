"""A source's cursor, before, during and after a poll.

A poll records, in this order: what it is about to read (``sighted``), what it is about to publish
(``intended``), and, when that is confirmed, what became of it (``next_state``). So a kill between
any two of them loses no item, counts none twice, and puts no two contents under one revision:
docs/decisions/0009-revisions-and-kills.md.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from services.contract.articles import BackOff, SeenArticle, SourceState, Waiting
from services.ingest.core import appointments
from services.ingest.core.answers import UNREAD, Validators
from services.ingest.core.attempts import MAX_ATTEMPTS, Attempt
from services.ingest.core.changes import (
    Due,
    GiveUp,
    Outcome,
    Postpone,
    Publish,
    Reading,
    Retry,
    Skip,
    Unmodified,
)
from services.ingest.core.counts import counted
from services.ingest.core.items import MAX_ITEMS, FeedItem

MAX_UNLISTED = 300
"""Entries kept of items that a feed no longer lists: some come back. About 400 bytes each."""

UNLISTED_FOR = timedelta(days=3)
"""All are kept so long, if there is room: a feed may be empty or cut short for a while."""

V = TypeVar("V")


def sighted(state: SourceState, due: Iterable[Due], now: datetime) -> SourceState:
    """Return the cursor that knows of the items that are about to be read the first time."""
    new = {
        one.item.key: entry
        for one in due
        if one.item.key not in state.waiting
        and one.item.key not in state.seen
        and (entry := appointments.wait(one.item, now))
    }
    if not new:
        return state
    waiting = appointments.bounded(state.waiting | new)
    return state.model_copy(update={"waiting": waiting})


def intended(state: SourceState, outcomes: Iterable[Outcome], now: datetime) -> SourceState:
    """Return the cursor that knows which versions are about to be published.

    Whoever reads it after a kill cannot tell whether they were. It has to read them again, with no
    validator that would hide the feed.
    """
    publish = [outcome for outcome in outcomes if isinstance(outcome, Publish)]
    if not publish:
        return state
    waiting = dict(state.waiting)
    for outcome in publish:
        due = outcome.reading.due
        if entry := appointments.wait(due.item, now, due.page_title):
            waiting[due.item.key] = entry
    return state.model_copy(
        update={
            **UNREAD,
            "waiting": appointments.bounded(waiting),
            "unconfirmed": state.unconfirmed | {o.reading.due.item.key: o.entry for o in publish},
        }
    )


def left_untried(
    state: SourceState, items: Iterable[FeedItem] | None, outcomes: Iterable[Outcome]
) -> list[GiveUp]:
    """Return the end of the items that nothing lists any more while they were still tried.

    ``items`` and ``outcomes`` are those of the poll, as in `next_state`.
    """
    if items is None:
        return []
    settled = {outcome_key(outcome) for outcome in outcomes}
    gone = state.pending.keys() - {item.key for item in items} - settled - state.waiting.keys()
    return [
        GiveUp(key, state.pending[key], "left-the-feed")
        for key in sorted(gone - state.seen.keys())
        if key in state.backing_off or state.pending[key] < MAX_ATTEMPTS
    ]


def next_state(
    state: SourceState,
    items: Iterable[FeedItem] | None,
    outcomes: Iterable[Outcome],
    validators: Validators,
    now: datetime,
) -> SourceState:
    """Return the cursor after ``outcomes`` of a poll, whose articles are all confirmed.

    ``items`` are what the feed lists, None if it lists what it did before. ``validators``
    stand for it. They are not kept if an item is to be tried at the next poll: it must
    show it even if nothing else changed. That is also the case where the feed's own text stands in
    for a page, until the last attempt.
    """
    outcomes = list(outcomes)
    listed = None if items is None else {item.key for item in items}
    pending, resting = _attempts(state, listed, outcomes)
    waiting = _waiting(state, outcomes, pending.keys(), now)
    seen = state.seen | {
        outcome.reading.due.item.key: outcome.entry
        for outcome in outcomes
        if isinstance(outcome, Publish | Skip)
    }
    settled = {outcome_key(outcome) for outcome in outcomes if isinstance(outcome, Publish | Skip)}
    next_poll_at = state.next_poll_at or now
    retrying = any(
        resting[key].until <= next_poll_at if key in resting else attempts < MAX_ATTEMPTS
        for key, attempts in pending.items()
    )
    return state.model_copy(
        update={
            **(UNREAD if retrying else validators._asdict()),
            "polled_at": now,
            "failures": 0,
            "seen": _bounded(seen, listed, waiting.keys(), now),
            "pending": pending,
            "backing_off": resting,
            "waiting": waiting,
            "unconfirmed": {
                key: entry
                for key, entry in state.unconfirmed.items()
                if key not in settled and key in waiting
            },
            **counted(state, outcomes, now),
        }
    )


def outcome_key(outcome: Outcome) -> str:
    """Return the key of the item that ``outcome`` is about."""
    return outcome.reading.due.item.key if isinstance(outcome, Publish | Skip) else outcome.key


def _attempts(
    state: SourceState, listed: set[str] | None, outcomes: Iterable[Outcome]
) -> tuple[dict[str, int], dict[str, BackOff]]:
    """Return the attempts by item, and which of them rest."""
    pending, resting = dict(state.pending), dict(state.backing_off)
    for outcome in outcomes:
        key = outcome_key(outcome)
        if isinstance(outcome, Postpone | Unmodified):
            continue
        pending.pop(key, None)
        resting.pop(key, None)
        attempt = _attempt(outcome)
        if isinstance(outcome, GiveUp):
            pending[key] = MAX_ATTEMPTS
        elif attempt and not attempt.is_last:
            pending[key] = attempt.number
            if attempt.rest:
                resting[key] = attempt.rest
    if listed is None:
        return pending, resting
    tried = {key for key, number in pending.items() if key in resting or number < MAX_ATTEMPTS}
    gone = {key for key in pending if key not in listed and key not in state.waiting}
    kept = listed | (tried - gone)
    return _only(pending, kept), _only(resting, kept)


def _only(entries: Mapping[str, V], keys: Set[str]) -> dict[str, V]:
    return {key: entry for key, entry in entries.items() if key in keys}


def _attempt(outcome: Outcome) -> Attempt | None:
    """Return the attempt that found no page, if the item is to be tried again."""
    match outcome:
        case Publish(reading) | Skip(reading):
            return reading.attempt
        case Retry(_, attempt):
            return attempt
    return None


def _waiting(
    state: SourceState, outcomes: Sequence[Outcome], pending: Set[str], now: datetime
) -> dict[str, Waiting]:
    """Return what is to be read without the feed."""
    waiting = dict(state.waiting)
    for outcome in outcomes:
        key = outcome_key(outcome)
        before = waiting.pop(key, None)
        if entry := _next_appointment(outcome, before, state, key in pending, now):
            waiting[key] = entry
    for outcome in outcomes:
        if isinstance(outcome, Publish) and outcome.outcome == "joined":
            _forget_others(outcome, state, waiting)
    return appointments.bounded(waiting)


def _next_appointment(
    outcome: Outcome, before: Waiting | None, state: SourceState, is_pending: bool, now: datetime
) -> Waiting | None:
    match outcome:
        case Retry(_, attempt):
            if before and attempt.rest:
                return before.model_copy(update={"due_at": attempt.rest.until})
            return before
        case Postpone(key) if before:
            due_at = appointments.after_failure(state.seen[key].first_seen_at, now)
            return before.model_copy(update={"due_at": due_at}) if due_at else None
        case Unmodified(key) if before:
            due_at = appointments.next_reading(state.seen[key].first_seen_at, now)
            return before.model_copy(update={"due_at": due_at}) if due_at else None
        case Publish(reading, _, entry) | Skip(reading, entry, "unchanged" | "unstable"):
            return _after_reading(reading, entry, is_pending, now)
    return None


def _after_reading(
    reading: Reading, entry: SeenArticle, is_pending: bool, now: datetime
) -> Waiting | None:
    due_at = appointments.next_reading(entry.first_seen_at, now)
    if appointments.is_old(reading.article.published_at, entry.first_seen_at):
        due_at = None
    if is_pending:
        rest = reading.attempt and reading.attempt.rest
        due_at = rest.until if rest else now
    if due_at is None:
        return None
    titled = replace(reading.due.item, title=reading.article.title)
    # A version that was not published is to be read again, whatever its server says.
    is_published = reading.article.content_hash == entry.content_hash
    validator = reading.validator if is_published and not is_pending else None
    return appointments.wait(titled, due_at, reading.page_title, validator)


def _forget_others(joined: Publish, state: SourceState, waiting: dict[str, Waiting]) -> None:
    """An article with a new address is no longer read at the old one: it would flip back."""
    for key, seen in state.seen.items():
        if seen.article_id == joined.entry.article_id and key != outcome_key(joined):
            waiting.pop(key, None)


def _bounded(
    seen: Mapping[str, SeenArticle], listed: set[str] | None, waiting: Set[str], now: datetime
) -> dict[str, SeenArticle]:
    """Return all that is listed, waits, or was listed of late, and MAX_UNLISTED at least.

    They are in the order in which they were listed last, and not more than a message can hold.
    """
    if listed is None:
        return dict(seen)
    current = {
        key: entry.model_copy(update={"last_listed_at": max(now, entry.last_listed_at)})
        for key, entry in seen.items()
        if key in listed
    }
    unlisted = [(key, entry) for key, entry in seen.items() if key not in listed]
    unlisted.sort(key=lambda pair: pair[1].last_listed_at)
    free = [key for key, _ in unlisted if key not in waiting]
    recent = sum(seen[key].last_listed_at > now - UNLISTED_FOR for key in free)
    room = MAX_ITEMS - len(current) + MAX_UNLISTED
    dropped = set(free[: -min(max(recent, MAX_UNLISTED), room)])
    return {key: entry for key, entry in unlisted if key not in dropped} | current


def must_be_recorded(before: SourceState, after: SourceState) -> bool:
    """Return whether ``after`` says more than when the source was last polled.

    Most polls find nothing new: writing only the others spares the topic 500 kB a poll.
    """

    def facts(state: SourceState) -> tuple[object, ...]:
        entries = {key: (s.item_hash, s.content_hash, s.revision) for key, s in state.seen.items()}
        others = (state.pending, state.backing_off, state.waiting, state.unconfirmed)
        return state.etag, state.last_modified, others, state.totals or {}, entries

    return facts(before) != facts(after)
