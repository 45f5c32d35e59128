"""Copies of an article are one story in the index, on the real servers and with real signatures."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from services.contract.articles import EnrichedArticle
from services.enrich.core.normalise import normalise
from services.enrich.core.signature import sign
from services.index.config import alias
from services.runtime.elasticsearch import make_client
from services.runtime.settings import Settings
from tests.enriched_topic import publish_articles
from tests.processes import ServiceProcess
from tests.support import enriched_article, eventually, raw_article

OPENING = (
    "افتتح عميد بلدية مصراتة صباح الثلاثاء معرض الكتاب السنوي في قاعة الشعب بحضور عدد كبير من"
    " الناشرين والكتّاب وأساتذة الجامعة وطلابها من مدن المنطقة الغربية كلها."
)
VISITORS = (
    "وقال منظمو المعرض إن أكثر من ستين دار نشر تشارك في دورة هذا العام، وإن الأجنحة ستبقى مفتوحة"
    " للزوار من التاسعة صباحا حتى الثامنة مساء طوال عشرة أيام."
)
LECTURES = (
    "ويتضمن البرنامج محاضرات عن تاريخ المدينة وندوات في الشعر الشعبي وورش عمل للأطفال في الرسم"
    " والخط العربي يشرف عليها معلمون متطوعون من مدارس البلدية."
)
CULTURE = (
    "تشهد مدن الساحل هذا الخريف عددا من الأنشطة الثقافية التي توقفت في السنوات الماضية، من أمسيات"
    " المسرح في الخمس إلى مهرجان الزيتون في ترهونة وسباق القوارب في زوارة."
)
POWER = (
    "أعلنت الشركة العامة للكهرباء انتهاء أعمال الصيانة في محطة التحويل جنوب المدينة وعودة التيار"
    " إلى الأحياء التي شملها الانقطاع منذ مساء الأحد الماضي بعد استبدال المحول المعطل."
)
TEXTS = {
    "first": f"{OPENING}\n{VISITORS}\n{LECTURES}",
    "shared passages": f"{CULTURE}\n{VISITORS}\n{LECTURES}\n{CULTURE.replace('الخريف', 'الشتاء')}",
    "rewritten": f"{OPENING}\n{VISITORS}\n{LECTURES}".replace("السنوي", "السنوي الكبير")
    .replace("ستبقى", "تبقى")
    .replace("متطوعون", "متطوعون كثيرون"),
    "another": f"{POWER}\nوطالبت الشركة المواطنين بترشيد الاستهلاك في ساعات الذروة.",
}


@pytest.fixture
def client(settings: Settings) -> Iterator[Elasticsearch]:
    with make_client(settings) as client:
        yield client


def article(number: int, text: str) -> EnrichedArticle:
    raw = raw_article(number, text=text)
    raw = raw.model_copy(update={"first_seen_at": raw.first_seen_at + timedelta(minutes=number)})
    return enriched_article(raw=raw, signature=sign(normalise(text).text))


def stories(client: Elasticsearch, settings: Settings) -> dict[str, str]:
    """Return the story of each document by its number."""
    name = alias(settings)
    client.indices.refresh(index=name)
    found = client.search(index=name, size=100, source_includes=["canonical_url", "story_id"])
    hits = [hit["_source"] for hit in found["hits"]["hits"]]
    return {hit["canonical_url"].rpartition("/")[2]: hit["story_id"] for hit in hits}


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0)], ids=["in order", "the other way"])
@pytest.mark.parametrize("batches", [1, 2], ids=["one batch", "two, and a restart between"])
def test_copies_are_one_story(
    batches: int,
    order: tuple[int, ...],
    settings_environ: dict[str, str],
    settings: Settings,
    client: Elasticsearch,
    tmp_path: Path,
) -> None:
    articles = [article(number, text) for number, text in enumerate(TEXTS.values())]
    arriving = [articles[number] for number in order]
    for batch in [arriving] if batches == 1 else [arriving[:2], arriving[2:]]:
        publish_articles(settings, batch)
        with ServiceProcess("index", settings_environ, tmp_path) as index:
            eventually(lambda: index.metric("rasid_articles_total") == len(batch))  # noqa: B023
            index.terminate()
    told = stories(client, settings)
    assert told["0"] == told["1"] == told["2"] != told["3"]
    assert told["3"] == articles[3].article.article_id
