"""A news site of any size on localhost, for tests that count: feeds, pages, later revisions."""

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

_SENTENCES = (
    "عقد المجلس البلدي في طرابلس اجتماعه الدوري أمس لمناقشة خطة صيانة الطرق والجسور في المدينة.",
    "وقال المتحدث باسم البلدية إن الأعمال تبدأ الأحد المقبل وتستمر ثلاثة أسابيع وفق الجدول المعلن.",
    "وأوضح أن الشركة المنفذة تسلمت مواقع العمل، وأن حركة المرور تحول إلى الطرق البديلة ليلا.",
    "ودعا الأهالي إلى التعاون مع فرق العمل، مؤكدا أن المشروع ممول من ميزانية العام الجاري.",
)


class GeneratedSite:
    """``sources`` feeds of ``items`` articles each. ``revise`` changes articles from then on."""

    def __init__(self, sources: int, items: int) -> None:
        self.sources = sources
        self.items = items
        self.revised: set[tuple[int, int]] = set()
        self._published = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def titles(self) -> dict[str, str]:
        """The title that stands now, by the URL of the article."""
        return {
            self._article_url(source, item): self._title(source, item)
            for source in range(self.sources)
            for item in range(self.items)
        }

    def revise(self, every: int) -> None:
        """Correct every ``every``-th article of each source."""
        self.revised = {
            (source, item) for source in range(self.sources) for item in range(0, self.items, every)
        }

    def write_sources(self, path: Path, poll_interval_s: int) -> Path:
        """Write a sources.yaml that polls every feed."""
        lines = ["sources:"]
        for source in range(self.sources):
            lines += [
                f"  - id: generated-{source}",
                f"    name: Generated {source}",
                "    kind: feed",
                f"    url: {self.url}/{source}/feed.xml",
                "    language: ar",
                f"    poll_interval_s: {poll_interval_s}",
            ]
        path.write_text("\n".join(lines) + "\n")
        return path

    def feed(self, source: int) -> str:
        items = "".join(self._item(source, item) for item in range(self.items))
        return (
            f'<rss version="2.0"><channel><title>Generated {source}</title>{items}</channel></rss>'
        )

    def page(self, source: int, item: int) -> str:
        paragraphs = "".join(f"<p>{sentence}</p>" for sentence in _SENTENCES)
        title = self._title(source, item)
        return (
            f'<html lang="ar"><head><meta charset="utf-8"><title>{title}</title>'
            f'<link rel="canonical" href="{self._article_url(source, item)}"></head><body>'
            f"<article><h1>{title}</h1>{paragraphs}<p>الملف رقم {source}-{item}.</p></article>"
            "</body></html>"
        )

    def _item(self, source: int, item: int) -> str:
        moment = self._published + timedelta(minutes=int((source, item) in self.revised))
        return (
            f"<item><title>{self._title(source, item)}</title>"
            f"<link>{self._article_url(source, item)}</link>"
            f"<pubDate>{format_datetime(moment)}</pubDate></item>"
        )

    def _title(self, source: int, item: int) -> str:
        correction = "تصحيح: " if (source, item) in self.revised else ""
        return f"{correction}خبر {item} من المصدر {source} عن بلدية طرابلس"

    def _article_url(self, source: int, item: int) -> str:
        return f"{self.url}/{source}/articles/{item}"


def _handler(site: GeneratedSite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            match self.path.strip("/").split("/"):
                case [source, "feed.xml"]:
                    self._answer("application/rss+xml", site.feed(int(source)))
                case [source, "articles", item]:
                    self._answer("text/html; charset=utf-8", site.page(int(source), int(item)))
                case _:
                    self.send_error(404)

        def _answer(self, content_type: str, body: str) -> None:
            data = body.encode()
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            pass

    return Handler
