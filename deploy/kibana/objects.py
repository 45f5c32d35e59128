"""What Kibana shows of Rasid. Written to rasid.ndjson by ``python -m deploy.kibana.objects``.

The searches are in Lucene's language, which Elasticsearch parses itself: words of ``title`` are
found in all their forms and spellings, ``entities.id`` is an id of the knowledge.
"""

from pathlib import Path

from deploy.kibana.charts import (
    bars,
    count,
    distinct,
    newest,
    number,
    over_time,
    table,
    timeline,
    top,
)
from deploy.kibana.maps import places_map
from deploy.kibana.saved import SavedObject, as_string, dashboard, data_view, search
from services.alert.config import alerts_index
from services.index.config import alias
from services.runtime.settings import Settings

FILE = Path(__file__).with_name("rasid.ndjson")

ARTICLES = "rasid-articles"
FIRST_SEEN = "rasid-articles-by-first-sight"
"""The same articles by when Rasid saw them: also those without a date, or with one to come."""
ALERTS = "rasid-alerts"

_ARTICLE = ("source.name", "title", "language.tag", "canonical_url")
_ALERT = ("watch.severity", "watch.title", "text", "figures.stories", "figures.expected")


def saved_objects(settings: Settings) -> list[SavedObject]:
    """Return all objects, those that others refer to first."""
    articles, alerts = alias(settings), alerts_index(settings)
    links = ("canonical_url",)
    return [
        data_view(ARTICLES, "News articles", articles, "published_at", links),
        data_view(FIRST_SEEN, "News articles by first sight", articles, "first_seen_at", links),
        data_view(ALERTS, "News alerts", alerts, "began_at"),
        *_SEARCHES.values(),
        *_COVERAGE.values(),
        *_ALERT_CHARTS.values(),
        _COVERAGE_DASHBOARD,
        _ALERTS_DASHBOARD,
    ]


def ndjson(settings: Settings) -> str:
    """Return all objects of an installation, a line each."""
    return "".join(as_string(one) + "\n" for one in saved_objects(settings))


def _about(title: str, about: str, query: str, *more: str) -> SavedObject:
    """Return a search of articles, the last published first."""
    return search(title, about, ARTICLES, query, (*_ARTICLE, *more), "published_at")


_SEARCHES = {
    "latest": _about("Latest articles", "آخر الأخبار: what was published last", ""),
    "haftar": _about(
        "Khalifa Haftar",
        "خليفة حفتر، بكل أشكال اسمه: whatever the spelling of his name",
        'entities.id:"person:khalifa-haftar"',
    ),
    "unsmil": _about(
        "UN mission in Libya",
        "بعثة الأمم المتحدة للدعم في ليبيا: UNSMIL and its head",
        'entities.id:("org:unsmil" OR "person:hanna-tetteh")',
    ),
    "oil": _about(
        "Oil",
        "النفط: fields, ports, companies, closures",
        'entities.id:("org:noc" OR "org:oil-ministry" OR "place:oil-crescent" OR "place:sharara")'
        ' OR title:(نفط OR oil OR "القوة القاهرة" OR "force majeure")',
    ),
    "migration": _about(
        "Migration",
        "الهجرة والمهاجرون: crossings, rescues, camps",
        'entities.id:("org:iom" OR "org:unhcr" OR "org:coast-guard")'
        " OR title:(مهاجرين OR الهجرة OR migrants OR migration)",
    ),
    "elections": _about(
        "Elections",
        "الانتخابات والمفوضية العليا: national and municipal",
        'entities.id:"org:hnec" OR title:(انتخابات OR elections)',
    ),
    "fighting": _about(
        "Fighting",
        "اشتباكات وقصف: clashes, shelling, ceasefires",
        'title:(اشتباكات OR قصف OR هدنة OR "وقف إطلاق النار" OR clashes OR shelling OR ceasefire)',
    ),
    "money": _about(
        "Money",
        "المصرف المركزي وسعر الصرف والسيولة: the central bank and the dinar",
        'entities.id:"org:central-bank" OR title:("سعر الصرف" OR السيولة OR الدينار OR dinar)',
    ),
    "corrections": _about(
        "Corrected articles",
        "أخبار عُدِّلت بعد نشرها: their sites changed them after publication",
        "revision:[2 TO *]",
        "revision",
        "modified_at",
    ),
    "dated_ahead": search(
        "Articles dated ahead",
        "أخبار تاريخها في المستقبل: published later than now, says their source",
        FIRST_SEEN,
        "published_at:{now TO *}",
        (*_ARTICLE, "published_at", "published_origin"),
        "published_at",
    ),
    "undated": search(
        "Articles without a date",
        "أخبار بلا تاريخ: neither feed nor page says when",
        FIRST_SEEN,
        "NOT _exists_:published_at",
        _ARTICLE,
        "first_seen_at",
    ),
    "incidents": search(
        "Latest alerts",
        "آخر التنبيهات: each incident as it was last told",
        ALERTS,
        "",
        _ALERT,
        "began_at",
    ),
    "ongoing": search(
        "Alerts that go on",
        "تنبيهات مستمرة: incidents that are not over",
        ALERTS,
        "NOT _exists_:ended_at",
        _ALERT,
        "began_at",
    ),
}

_HOW_MANY = count("Articles")

_COVERAGE = {
    "articles": number("Articles", "عدد الأخبار", ARTICLES, _HOW_MANY),
    "stories": number(
        "Stories", "الأخبار دون نسخها: copies once", ARTICLES, distinct("story_id", "Stories")
    ),
    "sources": number("Sources", "المصادر التي نشرت", ARTICLES, distinct("source.id", "Sources")),
    "by_language": timeline(
        "Articles by language",
        "الأخبار حسب اللغة",
        ARTICLES,
        top("language.tag", "Language", 8, other=True),
        over_time("published_at", "Published"),
        _HOW_MANY,
    ),
    "by_source": timeline(
        "Articles by source",
        "الأخبار حسب المصدر",
        ARTICLES,
        top("source.id", "Source", 12, other=True),
        over_time("published_at", "Published"),
        _HOW_MANY,
    ),
    "people": bars(
        "People named most",
        "أكثر الأشخاص ذكرا: of those whom the knowledge has",
        ARTICLES,
        top("entities.id", "Person", 15, only="person:.*"),
        _HOW_MANY,
    ),
    "organisations": bars(
        "Organisations named most",
        "أكثر الهيئات ذكرا: of those that the knowledge has",
        ARTICLES,
        top("entities.id", "Organisation", 15, only="org:.*"),
        _HOW_MANY,
    ),
    "places": bars(
        "Places named most",
        "أكثر الأماكن ذكرا: of those that are on the map",
        ARTICLES,
        top("places.name", "Place", 15),
        _HOW_MANY,
    ),
    "map": places_map(
        "Map of places", "خريطة الأماكن المذكورة", ARTICLES, "places.location", "Articles"
    ),
    "days": bars(
        "Days written about",
        "أكثر الأيام ذكرا في الأخبار: days that texts mention, not of publication",
        ARTICLES,
        top("dates.value", "Day", 15, only="[0-9]{4}-[0-9]{2}-[0-9]{2}"),
        _HOW_MANY,
    ),
    "copied": table(
        "Stories with most copies",
        "أكثر الأخبار تناقلا: a story, and who has it",
        ARTICLES,
        {
            "story": top("story_id", "Story", 15),
            "title": newest("title", "Last title", "published_at"),
            "count": _HOW_MANY,
            "sources": distinct("source.id", "Sources"),
        },
    ),
}

_INCIDENTS = count("Alerts")

_ALERT_CHARTS = {
    "alerts": number("Alerts", "عدد التنبيهات", ALERTS, _INCIDENTS),
    "by_severity": timeline(
        "Alerts by severity",
        "التنبيهات حسب خطورتها",
        ALERTS,
        top("watch.severity", "Severity", 3),
        over_time("began_at", "Began"),
        _INCIDENTS,
    ),
    "by_watch": bars(
        "Watches that alert most",
        "أكثر المواضيع تنبيها",
        ALERTS,
        top("watch.title", "Watch", 15),
        _INCIDENTS,
    ),
    "by_kind": bars(
        "Alerts by kind",
        "ارتفاع أو انخفاض أو ظهور: spike, drop, or emerging",
        ALERTS,
        top("watch.kind", "Kind", 3),
        _INCIDENTS,
    ),
    "named": bars(
        "Named in alerts",
        "أكثر الأسماء ذكرا في التنبيهات",
        ALERTS,
        top("entities.name", "Name", 15),
        _INCIDENTS,
    ),
}

_COVERAGE_DASHBOARD = dashboard(
    "Libya coverage",
    "التغطية الليبية: who writes how much, and about whom, where and when",
    7,
    [
        (6, [_COVERAGE["articles"], _COVERAGE["stories"], _COVERAGE["sources"]]),
        (14, [_COVERAGE["by_language"], _COVERAGE["by_source"]]),
        (16, [_COVERAGE["people"], _COVERAGE["organisations"], _COVERAGE["places"]]),
        (18, [_COVERAGE["map"], _COVERAGE["days"]]),
        (16, [_COVERAGE["copied"]]),
        (20, [_SEARCHES["latest"]]),
    ],
)

_ALERTS_DASHBOARD = dashboard(
    "Alerts",
    "التنبيهات: what rose or fell beyond what chance explains",
    30,
    [
        (12, [_ALERT_CHARTS["alerts"], _ALERT_CHARTS["by_severity"]]),
        (14, [_SEARCHES["ongoing"]]),
        (
            14,
            [_ALERT_CHARTS["by_watch"], _ALERT_CHARTS["by_kind"], _ALERT_CHARTS["named"]],
        ),
        (18, [_SEARCHES["incidents"]]),
    ],
)

if __name__ == "__main__":
    FILE.write_text(ndjson(Settings()), encoding="utf-8")
