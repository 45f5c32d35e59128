"""The server of the sample news site: ``python -m deploy.demo.site --port 8080``.

A feed passes through editions: each answer with status 200 is one edition further, until the last.
Article pages follow what their outlet's feed showed last, so whoever polls sees an article first
and its correction afterwards, however fast or slow.
"""

import argparse
import hashlib
import re
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from string import Template
from typing import Self
from urllib.parse import unquote, urlsplit

from deploy.demo.newsroom import HERE, Article, Newsroom, Outlet, load
from deploy.demo.pages import Pages

FEED_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml"}
_STOP_CHECK_S = 0.05
TRACKING = re.compile(r"(?:(?<=\?)|&)utm_\w+=[^&]*")


@dataclass(frozen=True)
class Answer:
    """A response: status, headers beside the length, body."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class DemoSite:
    """The sample site on a port of localhost, 0 for a free one; also a context manager.

    ``start`` (aware, default now) is what the publication times are relative to.
    """

    def __init__(
        self,
        port: int = 0,
        host: str = "127.0.0.1",
        start: datetime | None = None,
        newsroom: Newsroom | None = None,
    ) -> None:
        """Bind the port; raises OSError when it is taken. Nothing is answered before start()."""
        site = self

        class Handler(SiteHandler):
            def answer(self) -> Answer:
                return site.answer(self.path, dict(self.headers.items()))

        self.newsroom = newsroom or load()
        self._server = SiteServer((host, port), Handler)
        self.url = f"http://{host}:{self._server.server_port}"
        self.pages = Pages(self.newsroom, start or datetime.now(UTC), self.url)
        self._by_path = {
            unquote(self.pages.path(article)): article
            for article in self.newsroom.articles.values()
        }
        self._lock = threading.Lock()
        self._editions: Counter[str] = Counter()
        self._requests: Counter[tuple[str, int]] = Counter()
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Answer requests from now on, in a thread of its own."""
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_STOP_CHECK_S,), daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop answering and free the port."""
        if self._thread:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def feed_url(self, outlet_id: str) -> str:
        """Return the address of an outlet's feed."""
        return f"{self.url}/{outlet_id}/feed.xml"

    def article_url(self, slug: str) -> str:
        """Return the canonical address of an article."""
        return self.url + self.pages.path(self.newsroom.articles[slug])

    def sources_yaml(self) -> str:
        """Return the demo's sources file with this site's address in it."""
        sources = (HERE / "sources.yaml").read_text("utf-8")
        return Template(sources).safe_substitute(DEMO_URL=self.url)

    def requests(self) -> Counter[tuple[str, int]]:
        """Return how often each (target, status) was answered so far; targets as requested."""
        with self._lock:
            return self._requests.copy()

    def edition(self, outlet_id: str) -> int:
        """Return the edition that the outlet's feed showed last, 0 before the first."""
        with self._lock:
            return self._editions[outlet_id]

    def answer(self, target: str, headers: dict[str, str]) -> Answer:
        """Return the response to a GET of ``target`` and count it."""
        answer = self._route(target, headers)
        with self._lock:
            self._requests[target, answer.status] += 1
        return answer

    def _route(self, target: str, headers: dict[str, str]) -> Answer:
        parts = urlsplit(target)
        outlet = self.newsroom.outlets.get(parts.path.split("/")[1])
        if outlet and parts.path == f"/{outlet.id}/feed.xml":
            return self._feed(outlet, headers)
        if article := self._by_path.get(unquote(TRACKING.sub("", target).rstrip("?"))):
            return self._page(article)
        if parts.path == "/":
            return Answer(200, self.pages.index(), {"Content-Type": "text/html; charset=utf-8"})
        if parts.path == "/robots.txt":
            return Answer(200, b"User-agent: *\nAllow: /\n", {"Content-Type": "text/plain"})
        if parts.path == "/media/sample.svg":
            picture = (HERE / "templates" / "sample.svg").read_bytes()
            return Answer(200, picture, {"Content-Type": "image/svg+xml"})
        return Answer(404, b"Not found\n", {"Content-Type": "text/plain"})

    def _feed(self, outlet: Outlet, headers: dict[str, str]) -> Answer:
        with self._lock:
            edition = min(self._editions[outlet.id] + 1, self.newsroom.last_edition(outlet))
            body = self.pages.feed(outlet, edition)
            modified = self.pages.last_modified(outlet, edition)
            validators = {
                "ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"',
                "Last-Modified": format_datetime(modified.astimezone(UTC), usegmt=True),
            }
            if unchanged(headers, validators["ETag"], modified):
                return Answer(304, headers=validators)
            self._editions[outlet.id] = edition
        return Answer(200, body, validators | {"Content-Type": content_type(outlet, outlet.feed)})

    def _page(self, article: Article) -> Answer:
        outlet = self.newsroom.outlets[article.about.outlet]
        edition = max(self.edition(outlet.id), 1)
        if article.version(edition) is None:
            return Answer(404, b"Not found\n", {"Content-Type": "text/plain"})
        body = self.pages.page(article, edition)
        return Answer(200, body, {"Content-Type": content_type(outlet, "page")})


class SiteServer(ThreadingHTTPServer):
    """The standard library's server, for pollers that open many connections at once."""

    request_queue_size = 128


class SiteHandler(BaseHTTPRequestHandler):
    """Speaks HTTP for a site; what is said is decided by ``answer``."""

    protocol_version = "HTTP/1.1"
    server_version = "RasidDemo"
    timeout = 30
    disable_nagle_algorithm = True

    def answer(self) -> Answer:
        """Return the response to the request at hand."""
        raise NotImplementedError

    def do_GET(self) -> None:
        """Send the answer; what the client does not wait for is not our failure."""
        answer = self.answer()
        try:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != 304:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
        except ConnectionError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing: the counters tell, and the terminal belongs to the demo."""


def content_type(outlet: Outlet, kind: str) -> str:
    """Return the Content-Type; the windows-1256 outlet leaves the charset to the markup."""
    media_type = FEED_TYPES.get(kind, "text/html")
    return media_type if outlet.charset != "utf-8" else f"{media_type}; charset=utf-8"


def unchanged(headers: dict[str, str], etag: str, modified: datetime) -> bool:
    """Tell whether the client has this already: If-None-Match decides where it is given."""
    given = {name.lower(): value for name, value in headers.items()}
    if "if-none-match" in given:
        return etag in (tag.strip().removeprefix("W/") for tag in given["if-none-match"].split(","))
    try:
        since = parsedate_to_datetime(given["if-modified-since"])
    except (KeyError, ValueError):
        return False
    return since.tzinfo is not None and modified <= since


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="the sample news site of Rasid's demo")
    parser.add_argument("--port", type=int, default=8080, help="0 for a free one")
    parser.add_argument("--host", default="127.0.0.1")
    arguments = parser.parse_args()
    with DemoSite(arguments.port, arguments.host) as site:
        sys.stdout.write(f"sample news on {site.url}, Ctrl-C to stop\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
