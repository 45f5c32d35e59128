"""Alerts through Apprise: Slack, Telegram, e-mail, Matrix and the rest."""

import logging
import re
import threading

from apprise import Apprise, NotifyFormat, NotifyType

from services.alert.core.message import subject, text_within
from services.alert.core.outcomes import Again, Delivered, Outcome, of_status
from services.contract.alerts import Alert

_TYPES = {
    "info": NotifyType.INFO,
    "warning": NotifyType.WARNING,
    "critical": NotifyType.FAILURE,
}
_STATUS = re.compile(r"\berror=([1-5]\d\d)\b")
_ROOM_FOR_MARKUP = 0.8  # some of its services make HTML of the text


class _Statuses(logging.Handler):
    """Hears which HTTP status Apprise was given: it only says yes or no itself.

    Nothing it says goes to our logs: it names the addresses, and they are secrets.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: dict[int, int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the last status that the thread was given."""
        if found := _STATUS.search(record.getMessage()):
            self.heard[threading.get_ident()] = int(found[1])


_statuses = _Statuses()
_logger = logging.getLogger("apprise")
_logger.addHandler(_statuses)
_logger.propagate = False


class AppriseService:
    """One service that Apprise knows, by its URL. Used from one thread."""

    def __init__(self, url: str) -> None:
        """Raise ValueError, which does not hold the URL, if Apprise can make nothing of it."""
        self._apprise = Apprise()
        if not self._apprise.add(url) or len(self._apprise) != 1:
            raise ValueError("not one URL that Apprise knows")
        self._max_chars = int(self._apprise[0].body_maxlen * _ROOM_FOR_MARKUP)

    def send(self, alert: Alert) -> Outcome:
        """Return what came of it: it is not known of all services whether they refuse for good."""
        _statuses.heard.pop(threading.get_ident(), None)
        title = subject(alert, "ar")
        done = self._apprise.notify(
            title=title,
            body=text_within(alert, self._max_chars - len(title)),
            notify_type=_TYPES[alert.watch.severity],
            body_format=NotifyFormat.TEXT,
        )
        if done:
            return Delivered()
        status = _statuses.heard.pop(threading.get_ident(), None)
        outcome = of_status(status) if status else Again("apprise")
        return Again("apprise") if isinstance(outcome, Delivered) else outcome
