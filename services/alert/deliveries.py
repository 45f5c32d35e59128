"""All channels beside each other: each in a thread of its own, with a consumer group of its own."""

import random
import threading
import time
from collections.abc import Mapping, Sequence
from contextvars import copy_context
from datetime import UTC, datetime

import structlog
from kafka.errors import KafkaError

from services.alert.core.channels import Channel
from services.alert.core.firing import FORGOTTEN_AFTER
from services.alert.delivery import Delivery, Sender
from services.alert.edges.alerts_topic import ChannelAlerts
from services.alert.edges.apprise import AppriseService
from services.alert.edges.posts import Alertmanager, Webhook
from services.alert.edges.secrets import read_secret
from services.runtime.service import StopSignal
from services.runtime.settings import ConfigurationError, Settings

STUCK_AFTER_S = 300.0
"""No single try takes so long, nor a question to Kafka."""

_RETRY_S = 1.0

log = structlog.get_logger()


class Deliveries:
    """The channels at work. What breaks in one is raised by ``check``, in the service's thread."""

    def __init__(
        self,
        settings: Settings,
        channels: Sequence[Channel],
        environ: Mapping[str, str],
        stop: StopSignal,
    ) -> None:
        """Begin to deliver. Raises ConfigurationError with every secret that does not do."""
        senders = make_senders(channels, environ)
        self._settings = settings
        self._since = datetime.now(UTC)
        self._stop = stop
        self._broken: list[Exception] = []
        self._running: dict[str, Delivery] = {}
        self._threads = [
            threading.Thread(
                target=copy_context().run,  # its log lines say whose they are
                args=(self._run, channel, senders[channel.id]),
                name=channel.id,
                daemon=True,
            )
            for channel in channels
        ]
        for thread in self._threads:
            thread.start()

    def check(self) -> None:
        """Raise what a channel's thread ended with, or RuntimeError if one is stuck.

        The service is not to go on without it, and to be started anew helps.
        """
        if self._broken:
            raise self._broken[0]
        for channel_id, delivery in list(self._running.items()):
            if time.monotonic() - delivery.looked_at > STUCK_AFTER_S:
                raise RuntimeError(f"channel {channel_id} is stuck")

    def wait(self, budget_s: float) -> None:
        """Return when all channels have stopped, or after ``budget_s``."""
        deadline = time.monotonic() + budget_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self, channel: Channel, sender: Sender) -> None:
        try:
            source = self._connect(channel)
            if source is None:
                return
            try:
                delivery = Delivery(channel, sender, source, self._stop, random.random)
                self._running[channel.id] = delivery
                delivery.run()
            finally:
                source.close()
        except Exception as error:  # it is for whoever asks
            self._broken.append(error)

    def _connect(self, channel: Channel) -> ChannelAlerts | None:
        while not self._stop.is_set():
            try:
                return ChannelAlerts(self._settings, channel.id, self._since, FORGOTTEN_AFTER)
            except KafkaError as error:
                log.warning("waiting for kafka", channel=channel.id, error=str(error))
                self._stop.wait(_RETRY_S)
        return None


def make_senders(channels: Sequence[Channel], environ: Mapping[str, str]) -> dict[str, Sender]:
    """Return what reaches each channel, by its id.

    Raises ConfigurationError with every secret that is missing or no good; none is shown.
    """
    senders: dict[str, Sender] = {}
    problems = []
    for channel in channels:
        try:
            senders[channel.id] = _sender(channel, read_secret(channel, environ))
        except ConfigurationError as error:
            problems.append(str(error))
        except ValueError as error:
            problems.append(f"channel {channel.id}: its secret is {error}")
    if problems:
        raise ConfigurationError("\n".join(problems))
    return senders


def _sender(channel: Channel, secret: str | None) -> Sender:
    if channel.kind == "alertmanager" and channel.url:
        return Alertmanager(channel.url, secret)
    if channel.kind == "webhook" and channel.url and secret:
        return Webhook(channel.url, secret)
    return AppriseService(secret or "")
