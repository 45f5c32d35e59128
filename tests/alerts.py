"""Alerts for tests: valid ones, and what receives them: a webhook that answers as it is told."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from services.contract.alerts import Alert, AlertedStory, AlertedWatch, Figures, Point

MOMENT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def alert(number: int = 1, **fields: Any) -> Alert:
    """Return a valid alert; ``number`` decides which incident it is of."""
    watch = {
        "id": f"watch-{number}",
        "title": f"حقول النفط {number}",
        "title_en": f"Oil fields {number}",
        "query": "place:sharara",
        "kind": "spike",
        "severity": "critical",
        "labels": {"topic": "oil"},
    } | fields.pop("watch", {})
    figures = {
        "stories": 31,
        "sources": 6,
        "expected": 2.4,
        "probability": 1e-9,
        "false_alerts_per_month": 0.004,
    } | fields.pop("figures", {})
    defaults: dict[str, Any] = {
        "alert_id": f"incident-{number}",
        "fingerprint": f"print-{number}",
        "happening": "fired",
        "at": MOMENT,
        "window_s": 3600,
        "began_at": MOMENT,
        "peak": 31,
        "watch": AlertedWatch(**watch),
        "figures": Figures(**figures),
        "sparkline": tuple(
            Point(at=MOMENT + timedelta(hours=hour), stories=stories, expected=2.0)
            for hour, stories in enumerate((2, 0, 3, 31), start=-3)
        ),
        "stories": (story(1), story(2)),
        "text": f"حقول النفط {number}: 31 خبرا",
        "text_en": f"Oil fields {number}: 31 stories",
    }
    return Alert(**(defaults | fields))


def story(number: int, **fields: Any) -> AlertedStory:
    defaults: dict[str, Any] = {
        "story_id": f"story-{number}",
        "title": f"إغلاق الحقل رقم {number}",
        "url": f"https://news.example/fields/{number}",
        "source_id": "example",
        "source_name": "صحيفة المثال",
        "first_seen_at": MOMENT,
        "articles": number,
    }
    return AlertedStory(**(defaults | fields))


@dataclass(frozen=True, slots=True)
class Said:
    """What a receiver answers: a status and headers, or nothing for a while, or a reset."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    silent_s: float = 0.0
    reset: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    at: float = field(default_factory=time.monotonic)


class Receiver:
    """A web server that takes POSTs: the ``n``-th is answered by ``answers[n]``, or else well."""

    def __init__(
        self, *answers: Said, before_answer: Callable[[int], None] | None = None, port: int = 0
    ) -> None:
        self.answers = list(answers)
        self.posted: list[Posted] = []
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver._lock:
                    number = len(receiver.posted)
                    answer = (receiver.answers[number : number + 1] or [Said()])[0]
                    status = 0 if answer.reset or answer.silent_s else answer.status
                    receiver.posted.append(Posted(self.path, dict(self.headers), body, status))
                if before_answer is not None:
                    before_answer(number)
                if answer.reset:
                    linger = struct.pack("ii", 1, 0)  # closed with a reset, not with an end
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    self.close_connection = True
                    return
                time.sleep(answer.silent_s)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's
                """The requests are kept in ``posted``."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def taken(self) -> list[Posted]:
        """Return what was answered well so far."""
        return [posted for posted in self.posted if 200 <= posted.status < 300]
