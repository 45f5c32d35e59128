"""A news site of any size on localhost, for tests that count: feeds, pages, later corrections."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from tests.local_site import Answer, LocalSite

_SENTENCES = (
    "عقد المجلس البلدي في طرابلس اجتماعه الدوري أمس لمناقشة خطة صيانة الطرق والجسور في المدينة.",
    "وقال المتحدث باسم البلدية إن الأعمال تبدأ الأحد المقبل وتستمر ثلاثة أسابيع وفق الجدول المعلن.",
    "وأوضح أن الشركة المنفذة تسلمت مواقع العمل، وأن حركة المرور تحول إلى الطرق البديلة ليلا.",
    "ودعا الأهالي إلى التعاون مع فرق العمل، مؤكدا أن المشروع ممول من ميزانية العام الجاري.",
)


class GeneratedSite(LocalSite):
    """``sources`` feeds of ``items`` articles each. ``titles``: what stands now, by URL."""

    def __init__(self, sources: int, items: int) -> None:
        super().__init__()
        self._sources = sources
        self._items = items
        self._published = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
        self.titles: dict[str, str] = {}
        self._edit(corrected=set())

    def correct(self, every: int) -> None:
        """Correct every ``every``-th article of each source."""
        self._edit(corrected=set(range(0, self._items, every)))

    def write_sources(self, path: Path, poll_s: int) -> Path:
        """Write a sources.yaml that polls every feed."""
        lines = ["sources:"]
        for source in range(self._sources):
            lines += [
                f"  - id: generated-{source}",
                f"    name: Generated {source}",
                "    kind: feed",
                f"    url: {self.url}/{source}/feed.xml",
                "    language: ar",
                f"    poll_min_s: {poll_s}",
                f"    poll_max_s: {poll_s}",
            ]
        path.write_text("\n".join(lines) + "\n")
        return path

    def _edit(self, corrected: set[int]) -> None:
        for source in range(self._sources):
            listed = ""
            for item in range(self._items):
                path = f"/{source}/articles/{item}"
                change = "تصحيح: " if item in corrected else ""
                title = f"{change}خبر {item} من المصدر {source} عن بلدية طرابلس"
                moment = self._published + timedelta(minutes=int(item in corrected))
                self.titles[self.url + path] = title
                self.answers[path] = Answer(self._page(title, path), headers=_HTML)
                listed += (
                    f"<item><title>{title}</title><link>{self.url}{path}</link>"
                    f"<pubDate>{format_datetime(moment)}</pubDate></item>"
                )
            feed = f'<rss version="2.0"><channel><title>{source}</title>{listed}</channel></rss>'
            self.answers[f"/{source}/feed.xml"] = Answer(feed.encode(), headers=_RSS)

    def _page(self, title: str, path: str) -> bytes:
        paragraphs = "".join(f"<p>{sentence}</p>" for sentence in (*_SENTENCES, f"ملف {path}."))
        return (
            f'<html lang="ar"><head><meta charset="utf-8"><title>{title}</title>'
            f'<link rel="canonical" href="{self.url}{path}"></head>'
            f"<body><article><h1>{title}</h1>{paragraphs}</article></body></html>"
        ).encode()


_HTML = {"Content-Type": "text/html; charset=utf-8"}
_RSS = {"Content-Type": "application/rss+xml; charset=utf-8"}
