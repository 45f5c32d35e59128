"""Is the service alive, is it ready, and does it get anywhere? Served beside the metrics."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from services.runtime.metrics import LAST_PROGRESS, UNAVAILABLE

_REQUEST_TIMEOUT_S = 10.0  # a client that says nothing does not keep a thread


class Health:
    """Progress and readiness of one service. Safe to use from any thread.

    A service calls ``progress`` whenever work was settled or there was none to do. It is *live*
    while the last progress is younger than ``deadline_s``, and *ready* while no component is
    marked as unavailable.
    """

    def __init__(self, deadline_s: float) -> None:
        self.deadline_s = deadline_s
        self._progressed_at = time.monotonic()
        self._unavailable: dict[str, str] = {}
        self._lock = threading.Lock()
        self.unavailable("service", "starting")

    def progress(self) -> None:
        """Note that the service got something done, or had nothing to do."""
        self._progressed_at = time.monotonic()
        LAST_PROGRESS.set_to_current_time()

    def unavailable(self, component: str, why: str) -> None:
        """Mark ``component`` (``kafka``, ``elasticsearch``) as what the service waits for."""
        with self._lock:
            self._unavailable[component] = why
            UNAVAILABLE.labels(component).set(1)

    def available(self, component: str) -> None:
        """Take back what ``unavailable`` said of ``component``."""
        with self._lock:
            self._unavailable.pop(component, None)
            UNAVAILABLE.labels(component).set(0)

    @property
    def stalled_s(self) -> float:
        """Seconds since the last progress."""
        return time.monotonic() - self._progressed_at

    @property
    def live(self) -> bool:
        """Whether the last progress is younger than the deadline."""
        return self.stalled_s < self.deadline_s

    def missing(self) -> dict[str, str]:
        """Return the unavailable components, each with the reason. Empty: the service is ready."""
        with self._lock:
            return dict(self._unavailable)


def serve_health(health: Health, host: str, port: int) -> ThreadingHTTPServer:
    """Serve ``/metrics``, ``/health/live`` and ``/health/ready`` from a thread; return the server.

    Raises OSError if the port is taken.
    """

    class Handler(BaseHTTPRequestHandler):
        timeout = _REQUEST_TIMEOUT_S

        def do_GET(self) -> None:
            match self.path.partition("?")[0]:
                case "/metrics":
                    self._answer(200, CONTENT_TYPE_LATEST, generate_latest())
                case "/health/live":
                    stalled_s = round(health.stalled_s, 1)
                    self._answer_json(health.live, {"seconds_since_progress": stalled_s})
                case "/health/ready":
                    missing = health.missing()
                    self._answer_json(not missing, {"unavailable": missing})
                case _:
                    self._answer(404, "text/plain", b"/metrics, /health/live, /health/ready\n")

        def _answer_json(self, good: bool, facts: dict[str, object]) -> None:
            body = json.dumps({"ok": good} | facts).encode()
            self._answer(200 if good else 503, "application/json", body)

        def _answer(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Probes and scrapes are not worth a log line."""

    server = ThreadingHTTPServer((host, port), Handler)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
