"""The flow of one channel: an alert, the channel's answer, the commit; then the next alert."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar

import structlog
from kafka.consumer.fetcher import ConsumerRecord

from services.alert.channel_metrics import DELIVERIES, DELIVERY_RETRIES, OLDEST_UNDELIVERED
from services.alert.core.channels import Channel
from services.alert.core.firing import RESENT_EVERY, Firing, after, still_firing
from services.alert.core.outcomes import Again, Delivered, Outcome, Refused, wait_s
from services.alert.core.payloads import idempotency_key
from services.alert.edges.alerts_topic import ChannelAlerts, SourceError
from services.alert.edges.posts import Alertmanager
from services.contract.alerts import Alert
from services.contract.wire import ContractError, decode
from services.runtime.service import StopSignal

_RETRY_KAFKA_S = 1.0
_LOOK_EVERY_S = 0.5
_REMEMBERED = 10_000  # alerts that are on the topic twice are near each other

T = TypeVar("T")
log = structlog.get_logger()


class Sender(Protocol):
    """What knows how to reach a channel."""

    def send(self, alert: Alert) -> Outcome:
        """Return what came of it."""


@dataclass(slots=True)
class Tries:
    """How often an alert was tried, and since when the channel has answered with no word of it."""

    count: int = 0
    misplaced_since: float | None = None

    def after(self, outcome: Again, now: float) -> bool:
        """Note an outcome; return whether to go on."""
        self.count += 1
        if outcome.within_s is None:
            self.misplaced_since = None
            return True
        self.misplaced_since = now if self.misplaced_since is None else self.misplaced_since
        return now - self.misplaced_since < outcome.within_s


class Delivery:
    """What one channel is told. Used from one thread."""

    def __init__(
        self,
        channel: Channel,
        sender: Sender,
        source: ChannelAlerts,
        stop: StopSignal,
        random: Callable[[], float],
    ) -> None:
        self._channel = channel
        self._sender = sender
        self._source = source
        self._stop = stop
        self._random = random
        self.looked_at = time.monotonic()
        """When it last saw to its work, on the monotonic clock."""
        self._firing: Firing = {}
        self._told: dict[str, None] = {}
        self._resent_at = 0.0
        self._oldest = OLDEST_UNDELIVERED.labels(channel.id)
        for outcome in ("delivered", "failed", "not-for-it", "repeated"):
            DELIVERIES.labels(channel.id, outcome)

    def run(self) -> None:
        """Deliver alerts until asked to stop. One that is not settled by then is read again."""
        while not self._stop.is_set():
            self.looked_at = time.monotonic()
            record = self._ask_kafka(self._source.next)
            if record is not None:
                self._take(record)
                continue
            self._oldest.set(0)  # also of what another process has now
            if isinstance(self._sender, Alertmanager):
                self._resend(self._sender)

    def _take(self, record: ConsumerRecord) -> None:
        """Settle one record: deliver it, or find that it is not to be delivered."""
        alert = _read(record)
        if self._source.is_history(record):
            self._note(alert)
            return
        if alert is None:
            self._count("failed")
        elif not self._channel.takes(alert.watch):
            self._count("not-for-it")
        elif idempotency_key(alert) in self._told:
            self._count("repeated")
        elif not self._deliver(alert):
            return  # whoever reads it again delivers it
        self._note(alert)
        self._ask_kafka(lambda: self._source.settle(record))

    def _note(self, alert: Alert | None) -> None:
        """Remember what is settled of what the channel is for."""
        if alert is not None and self._channel.takes(alert.watch):
            self._firing = after(self._firing, alert)
            self._told[idempotency_key(alert)] = None
        if len(self._told) > _REMEMBERED:
            del self._told[next(iter(self._told))]

    def _deliver(self, alert: Alert) -> bool:
        """Return True once the channel has it or is not going to; False if it is not ours now."""
        tries = Tries()
        while not self._stop.is_set() and self._source.is_mine():
            self._oldest.set((datetime.now(UTC) - alert.at).total_seconds())
            outcome = self._send(alert)
            now = time.monotonic()
            if isinstance(outcome, Again) and tries.after(outcome, now):
                DELIVERY_RETRIES.labels(self._channel.id, outcome.reason).inc()
                if tries.count == 1:
                    log.warning("not delivered yet", **self._about(alert), reason=outcome.reason)
                self._wait(wait_s(tries.count, outcome.after_s, self._random), alert)
            elif isinstance(outcome, Delivered):
                self._count("delivered")
                log.info("delivered", **self._about(alert), tries=tries.count + 1)
                return True
            else:
                self._count("failed")
                log.error("refused", **self._about(alert), reason=outcome.reason)
                return True
        return False

    def _send(self, alert: Alert) -> Outcome:
        try:
            return self._sender.send(alert)
        except Exception:  # a fault of ours with one alert keeps no other from being delivered
            log.exception("cannot be sent", **self._about(alert))
            return Refused("bug")

    def _wait(self, seconds: float, alert: Alert) -> None:
        """Wait, as a member of the group, unless the alert is not ours any more."""
        until = time.monotonic() + seconds
        while (left_s := until - time.monotonic()) > 0 and not self._stop.is_set():
            self._ask_kafka(lambda: self._source.hold(min(left_s, _LOOK_EVERY_S)))
            self.looked_at = time.monotonic()
            self._oldest.set((datetime.now(UTC) - alert.at).total_seconds())
            if not self._source.is_mine():
                return

    def _resend(self, alertmanager: Alertmanager) -> None:
        """Tell of what goes on, now and then, so that it is not taken for over."""
        due = time.monotonic() - self._resent_at >= RESENT_EVERY.total_seconds()
        if not due or not self._ask_kafka(self._source.has_caught_up):
            return
        self._resent_at = time.monotonic()
        firing = still_firing(self._firing, datetime.now(UTC))
        if not firing:
            return
        outcome = alertmanager.send_all(firing)
        if not isinstance(outcome, Delivered):
            DELIVERY_RETRIES.labels(self._channel.id, outcome.reason).inc()

    def _count(self, outcome: str) -> None:
        DELIVERIES.labels(self._channel.id, outcome).inc()

    def _about(self, alert: Alert) -> dict[str, str]:
        return {
            "channel": self._channel.id,
            "watch": alert.watch.id,
            "alert_id": alert.alert_id,
            "happening": alert.happening,
        }

    def _ask_kafka(self, question: Callable[[], T]) -> T | None:
        """Return the answer; None if Kafka cannot be used, after waiting a little."""
        try:
            return question()
        except SourceError as error:
            log.warning("kafka is not available", channel=self._channel.id, error=str(error))
            self._stop.wait(_RETRY_KAFKA_S)
            return None


def _read(record: ConsumerRecord) -> Alert | None:
    try:
        return decode(record.value, Alert)
    except ContractError as error:
        log.error("not an alert", offset=record.offset, error=str(error))
        return None
