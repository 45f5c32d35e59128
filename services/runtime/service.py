"""The life of a service process: configure, serve health, run, stop in time or be stopped."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, TypeVar

import structlog

from services.runtime.health import Health, serve_health
from services.runtime.logs import configure_logs
from services.runtime.settings import ConfigurationError, ServiceSettings, load

EXIT_STOPPED = 0
EXIT_BUG = 1
EXIT_NO_PROGRESS = 75  # sysexits.h EX_TEMPFAIL: start me again
EXIT_CONFIGURATION = 78  # sysexits.h EX_CONFIG: starting me again will not help
STOP_DEADLINE_S = 9.0
"""What is unfinished by then is left unacknowledged and redelivered; supervisors kill at 10 s."""

log = structlog.get_logger()
S = TypeVar("S", bound=ServiceSettings)


class StopSignal(threading.Event):
    """Set when the process was asked to stop."""

    def __init__(self) -> None:
        super().__init__()
        self._callbacks: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def subscribe(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` once when the signal comes, at once if it has. Any thread may call."""
        with self._lock:
            if not self.is_set():
                self._callbacks.append(callback)
                return
        callback()

    def request(self) -> None:
        """Ask the service to stop. Not to be called by a signal handler: it takes locks."""
        with self._lock:
            self.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()


@dataclass(frozen=True, slots=True)
class Service(Generic[S]):
    """What a running service is given: its settings, its health, and the wish to stop."""

    settings: S
    health: Health
    stop: StopSignal


def run_service(name: str, kind: type[S], run: Callable[[Service[S]], None]) -> int:
    """Run ``run`` until SIGTERM or SIGINT and return the exit code of the process.

    ``run`` gets its settings from the environment, returns after ``stop`` is set, and calls
    ``health.progress`` as it goes: a service that gets nowhere for its deadline is ended here,
    because a supervisor can start it anew and a stuck client cannot be trusted to recover.
    """
    try:
        settings = load(kind, os.environ)
    except ConfigurationError as error:
        print(error, file=sys.stderr)  # noqa: T201 - read before there are logs
        return EXIT_CONFIGURATION
    configure_logs(settings.log_level, settings.log_format)
    structlog.contextvars.bind_contextvars(service=name)
    if readable := settings.secrets_in_the_clear():
        log.warning("secrets can be read on their way: use https, or SASL_SSL", secrets=readable)
    service = Service(settings, Health(settings.progress_deadline_s), StopSignal())
    try:
        server = serve_health(service.health, settings.http_host, settings.http_port)
    except OSError as error:
        where = f"{settings.http_host}:{settings.http_port} ({error.strerror})"
        allowed = f"Set RASID_{kind.PREFIX}_HTTP_PORT or RASID_{kind.PREFIX}_HTTP_HOST."
        print(f"Cannot listen on {where}. {allowed}", file=sys.stderr)  # noqa: T201
        return EXIT_CONFIGURATION
    _stop_on_signals(service.stop)
    threading.Thread(target=_watch, args=(service,), name="watchdog", daemon=True).start()
    log.info("started", http=f"http://{settings.http_host}:{server.server_port}")
    try:
        run(service)
    except ConfigurationError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the same words as for a bad environment
        return EXIT_CONFIGURATION
    except Exception:
        log.exception("crashed")
        return EXIT_BUG
    if not service.stop.is_set():
        log.error("ended without being asked to stop")
        return EXIT_BUG
    log.info("stopped")
    return EXIT_STOPPED


def _stop_on_signals(stop: StopSignal) -> None:
    """Request ``stop`` when SIGTERM or SIGINT comes.

    A handler runs in the middle of whatever the main thread does, and would wait for ever for the
    lock of ``stop`` if that is what it holds. So it only passes the word on, to a thread.
    """
    asked: SimpleQueue[int] = SimpleQueue()  # its put() is reentrant
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda caught, _: asked.put(caught))

    def wait() -> None:
        asked.get()
        stop.request()

    threading.Thread(target=wait, name="signals", daemon=True).start()


def _watch(service: Service[S]) -> None:
    """End the process when it gets nowhere, or does not stop in time."""
    while not service.stop.wait(timeout=1.0):
        if not service.health.live:
            log.error("no progress", seconds=round(service.health.stalled_s))
            _exit_now()
    time.sleep(STOP_DEADLINE_S)
    log.error("did not stop in time", seconds=STOP_DEADLINE_S)
    _exit_now()


def _exit_now() -> None:
    sys.stderr.flush()
    os._exit(EXIT_NO_PROGRESS)  # a hanging client may block every orderly way out
