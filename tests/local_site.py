"""A web site on localhost whose answers a test decides, and which remembers what it was asked."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from services.ingest.core.addresses import parse_networks
from services.ingest.edges.http import FetchRules

LOCALHOST = "127.0.0.1/32, ::1/128"

LOCAL = FetchRules(
    "Rasid/test (+https://example.ly)",
    timeout_s=2,
    max_body_bytes=1_000_000,
    min_gap_s=0,
    allowed=parse_networks(LOCALHOST),
)
"""How tests fetch from sites of this machine."""


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    headers: Mapping[str, str]
    status: int
    at: float = field(default_factory=time.monotonic)


class LocalSite:
    """Serves ``answers`` by path, 404 for others; an ETag given as a header is honoured."""

    def __init__(self, port: int = 0) -> None:
        self.answers: dict[str, Answer] = {}
        self.requests: list[Request] = []
        self.most_at_once = 0
        self._now = 0
        self._lock = threading.Lock()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                answer = site.answers.get(self.path, Answer(status=404))
                etag = answer.headers.get("ETag")
                if etag and self.headers.get("If-None-Match") == etag:
                    answer = Answer(status=304)
                site.requests.append(Request(self.path, dict(self.headers), answer.status))
                with site._lock:
                    site._now += 1
                    site.most_at_once = max(site.most_at_once, site._now)
                time.sleep(answer.delay_s)
                with site._lock:
                    site._now -= 1
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's
                """The requests are kept in ``requests``."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def asked(self, path: str) -> list[Request]:
        """Return the requests for ``path`` so far."""
        return [request for request in self.requests if request.path == path]

    def publish(self, number: int, text: str, status: int = 200) -> None:
        """Put the article ``number`` on the site; ``feed`` decides whether it is listed."""
        page = f"""<!doctype html><html lang="ar"><head><meta charset="utf-8">
            <title>خبر رقم {number} - موقع محلي</title></head><body>
            <nav><a href="/">الرئيسية</a> <a href="/sport">رياضة</a></nav>
            <article><h1>خبر رقم {number}</h1><p>{text}</p></article>
            <footer>جميع الحقوق محفوظة</footer></body></html>"""
        headers = {"Content-Type": "text/html; charset=utf-8"}
        self.answers[f"/news/{number}"] = Answer(page.encode(), status, headers)

    def feed(self, *numbers: int, note: str = "", etag: str | None = None) -> None:
        """Serve /feed.xml with the articles ``numbers``; ``note`` is each item's description."""
        items = "".join(
            f"<item><title>خبر رقم {number}</title><link>{self.url}/news/{number}</link>"
            f"<guid>{number}</guid><pubDate>Sun, 22 Nov 2020 10:00:{number % 60:02} +0200</pubDate>"
            f"<description>{note}</description></item>"
            for number in numbers
        )
        body = f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'
        headers = {"Content-Type": "application/rss+xml"} | ({"ETag": etag} if etag else {})
        self.answers["/feed.xml"] = Answer(body.encode(), headers=headers)
