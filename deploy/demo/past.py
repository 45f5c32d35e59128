"""Ten days of bulletins, as if they had been collected: without a past nothing is unusual."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from deploy.demo.newsroom import Newsroom
from services.contract.articles import RawArticle, article_id
from services.contract.topics import RAW, namespaced
from services.contract.wire import encode
from services.runtime.kafka import ensure_topics, make_producer
from services.runtime.settings import Settings

DAYS = 10
_SENT_WITHIN_S = 30

_TOWNS = ("غريان", "يفرن", "ودان", "الجغبوب", "مرادة", "أوجلة", "القريات")
_SUBJECTS = (
    ("حركة السير في {town}", "الطريق الدائري في {town} سالكة، والإشارات عند المدخل {n} تعمل."),
    ("أسعار الخضار في {town}", "بيع كيلو الطماطم في سوق {town} بسعر {n} دنانير صباح اليوم."),
    ("الطقس في {town}", "سماء {town} صافية، ودرجة الحرارة عند الظهر {n}، والرياح خفيفة."),
    ("مواعيد الصيدليات في {town}", "الصيدلية المناوبة في {town} هي رقم {n}، وتفتح حتى الفجر."),
    ("مباريات الناشئين في {town}", "انتهت مباراة الناشئين في {town} بفارق {n} أهداف."),
)


def bulletins(newsroom: Newsroom, site_url: str, now: datetime) -> Iterator[RawArticle]:
    """Yield a bulletin for each hour of the DAYS before ``now``, the outlets in turn."""
    outlets = list(newsroom.outlets.values())
    for hour in range(1, DAYS * 24):
        outlet, moment = outlets[hour % len(outlets)], now - timedelta(hours=hour)
        title, text = _SUBJECTS[hour % len(_SUBJECTS)]
        words = {"town": _TOWNS[hour % len(_TOWNS)], "n": hour % 37 + 2}
        url = f"{site_url}/{outlet.id}/bulletins/{hour}"
        yield RawArticle(
            article_id=article_id(url),
            canonical_url=url,
            url=url,
            source_id=outlet.id,
            source_name=outlet.name,
            source_country="LY",
            title=title.format(**words),
            text=text.format(**words),
            text_origin="feed",
            published_at=moment,
            published_origin="feed",
            published_precision="second",
            first_seen_at=moment,
            fetched_at=moment,
            content_hash=f"bulletin-{hour}",
        )


def collect(settings: Settings, articles: Iterator[RawArticle]) -> int:
    """Put ``articles`` where ingest puts its own; return how many they were.

    Raises KafkaError if they are not confirmed.
    """
    ensure_topics(settings)
    producer = make_producer(settings)
    try:
        topic = namespaced(RAW.name, settings.namespace)
        sent = [
            producer.send(topic, key=article.article_id.encode(), value=encode(article))
            for article in articles
        ]
        for one in sent:
            one.get(timeout=_SENT_WITHIN_S)
    finally:
        producer.close()
    return len(sent)
