"""Arabic is found as Arabic is written, on a real Elasticsearch; ``rasid search`` shows it."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from services.contract.articles import (
    DateMention,
    EnrichedArticle,
    Entity,
    EntityType,
    GeoPoint,
    Language,
    Mention,
)
from services.contract.wire import encode
from services.index.config import alias
from services.index.core.page import from_token
from services.index.core.prepare import Ready, prepare
from services.index.core.settle import Answered
from services.index.edges.elasticsearch import send_bulk
from services.index.edges.indices import ensure_index
from services.index.search import SearchRequest, search
from services.runtime.elasticsearch import make_client
from services.runtime.settings import Settings
from tests.processes import rasid
from tests.support import enriched_article, raw_article

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def elasticsearch(settings: Settings) -> Iterator[Elasticsearch]:
    with make_client(settings) as client:
        ensure_index(client, alias(settings))
        yield client


def index_all(client: Elasticsearch, settings: Settings, *articles: EnrichedArticle) -> None:
    prepared = [prepare(encode(enriched), NOW) for enriched in articles]
    body = b"".join(ready.operation for ready in prepared if isinstance(ready, Ready))
    answer = send_bulk(client, alias(settings), body)
    assert isinstance(answer, Answered)
    assert [item.status for item in answer.items] == [201] * len(articles)
    client.indices.refresh(index=alias(settings))


def article(
    number: int, title: str, text: str, days_ago: float = 1, **fields: Any
) -> EnrichedArticle:
    published = NOW - timedelta(days=days_ago)
    times = {"published_at": published, "first_seen_at": NOW}
    return enriched_article(raw=raw_article(number, title=title, text=text, **times, **fields))


def found(client: Elasticsearch, settings: Settings, words: str) -> list[str]:
    """Return the texts' first words in the order of the hits."""
    result = search(client, settings, SearchRequest(words, size=100))
    return [hit.url.rpartition("/")[2] for hit in result.hits]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        pytest.param("ولحفتر دور في الحوار", "حفتر", id="and + for + name"),
        pytest.param("التقى بحفتر", "حفتر", id="with + name"),
        pytest.param("الحدود لليبيا", "ليبيا", id="for + Libya"),
        pytest.param("سفير ليبيا", "لليبيا", id="asked with a prefix"),
        pytest.param("وصل الوزير", "وزير", id="the article"),
        pytest.param("قال أحمد", "احمد", id="alef with hamza"),
        pytest.param("قال ٱحمد", "أحمد", id="alef wasla"),
        pytest.param("في طرابلــس", "طرابلس", id="tatweel"),
        pytest.param("مُحَمَّد", "محمد", id="vowel signs"),
        pytest.param("مستشفى سرت", "مستشفي سرت", id="alef maqsura"),
        pytest.param("مدينة ترهونة", "ترهونه", id="ta marbuta"),
        pytest.param("ﻁﺮﺍﺑﻠﺲ", "طرابلس", id="presentation forms"),
        pytest.param("ﻻ تعليق", "لا تعليق", id="lam-alef ligature"),
        pytest.param("بنغازی کبیرة", "بنغازي كبيرة", id="Farsi letters"),
        pytest.param("سنة ٢٠٢٠", "2020", id="Arabic digits"),
        pytest.param("طرا\u200fبلس", "طرابلس", id="an invisible mark within a word"),
        pytest.param("الدبيبة في روما", "روما الدبيبة", id="another order"),
        pytest.param("العملية الانتخابية", "انتخابي", id="only the stem is the same"),
        pytest.param("le Président à Genève", "president geneve", id="French accents"),
        pytest.param("İstanbul'da toplantı", "istanbul toplanti", id="Turkish letters"),
    ],
)
def test_a_word_is_found_however_it_is_written(
    written: str, asked: str, settings: Settings, elasticsearch: Elasticsearch
) -> None:
    other = article(2, "خبر آخر", "نص لا علاقة له بالأمر مطلقا")
    index_all(elasticsearch, settings, article(1, "عنوان", written), other)
    assert found(elasticsearch, settings, asked) == ["1"]


def test_better_matches_come_first(settings: Settings, elasticsearch: Elasticsearch) -> None:
    padding = "نص طويل عن أمور كثيرة لا تتعلق بالموضوع. " * 5
    index_all(
        elasticsearch,
        settings,
        article(1, "عنوان", padding + "ذكر حفتر مرة."),
        article(2, "حفتر في بنغازي", padding),
        article(3, "عنوان", padding + "ذكر حفتر مرة.", days_ago=400),
    )
    assert found(elasticsearch, settings, "حفتر") == ["2", "1", "3"]


def test_a_phrase_is_matched_as_it_is_written(
    settings: Settings, elasticsearch: Elasticsearch
) -> None:
    index_all(
        elasticsearch,
        settings,
        article(1, "مجلس النواب الليبي", "نص"),
        article(2, "النواب في مجلس الدولة", "نص"),
        article(3, "بمجلس النواب", "نص"),
    )
    assert sorted(found(elasticsearch, settings, "مجلس النواب")) == ["1", "2", "3"]
    assert sorted(found(elasticsearch, settings, '"مجلس النواب"')) == ["1", "3"]
    assert found(elasticsearch, settings, "«مجلس النواب» ليبي") == ["1"]
    assert found(elasticsearch, settings, '"النواب\tمجلس"') == [], "a tab keeps words in order, too"
    assert found(elasticsearch, settings, '"، مجلس النواب الليبي"') == ["1"]


def test_parts_of_the_first_word_of_a_phrase_stand_side_by_side(
    settings: Settings, elasticsearch: Elasticsearch
) -> None:
    index_all(
        elasticsearch,
        settings,
        article(1, "Libya", "The al big Sarraj"),
        article(2, "Libya", "Fayez al-Sarraj said"),
    )
    assert found(elasticsearch, settings, '"al-Sarraj said"') == ["2"]
    assert found(elasticsearch, settings, '"al-Sarraj"') == ["2"]


def entity(entity_id: str, kind: EntityType, name: str, english: str, **fields: Any) -> Entity:
    mention = Mention(start=0, end=4, text="نصنص")
    return Entity(
        id=entity_id, type=kind, name=name, name_en=english, mentions=(mention,), **fields
    )


HAFTAR = entity("person:khalifa-haftar", "PER", "خليفة حفتر", "Khalifa Haftar")
SIRTE = entity("place:sirte", "LOC", "سرت", "Sirte", geo=GeoPoint(lat=31.2, lon=16.6))
FOURTH_OF_APRIL = DateMention(
    start=0,
    end=8,
    text="4 أبريل",
    value="2019-04-04",
    **{"from": date(2019, 4, 4)},
    to=date(2019, 4, 4),
    grain="day",
    kind="absolute",
)


@pytest.fixture(scope="module")
def ceasefire(module_settings: Settings) -> Iterator[tuple[Elasticsearch, Settings]]:
    """Four articles about a ceasefire, which only differ in what conditions ask for."""
    tajriba = {"source_id": "tajriba", "source_name": "تجربة"}
    with make_client(module_settings) as client:
        ensure_index(client, alias(module_settings))
        index_all(
            client,
            module_settings,
            article(1, "هدنة", "حفتر يوافق").model_copy(update={"entities": (HAFTAR,)}),
            article(2, "هدنة في سرت", "نص", **tajriba).model_copy(update={"entities": (SIRTE,)}),
            article(3, "هدنة ووقف النار بالجفرة", "نص", days_ago=20, **tajriba).model_copy(
                update={"dates": (FOURTH_OF_APRIL,)}
            ),
            article(4, "A ceasefire", "It holds.", days_ago=400).model_copy(
                update={"language": Language(tag="en", confidence=1)}
            ),
        )
        yield client, module_settings


@pytest.mark.parametrize(
    "words",
    ["!!!", "AND OR NOT", "title:*", "a~2", "/.*/", "{}", "\\", '"', "(((x", "-", "\x00", "*:*",
     "و", "\ud83d\ude00", "a" * 500, " OR ".join(["ab"] * 40), "_id:1 ../x", '"!!! ???"',
     "-" * 500, 'entity:"*" place:?', "source:*", "entity:../x OR place:x(",
     "lang:zz", '"و" "ﷺ"', "after:0001-01-01 entity:x", "before:9999-12-31T23:59:59 ..",
     "entity:" + "\u0651" * 400, '"' + "ب " * 40 + '"', "NOT " * 120 + "x",
     "(b OR c -" * 5 + "a" + ")" * 5, "(b (c OR d " * 2 + "(e -a" + ")" * 5],
)  # fmt: skip
def test_no_input_is_an_error(words: str, ceasefire: tuple[Elasticsearch, Settings]) -> None:
    words = words.encode("utf-16", "surrogatepass").decode("utf-16")
    assert found(*ceasefire, words) == []


FEATURES = {
    "source:تجربة": "23",
    "-source:sample": "23",
    "source:TAJRIBA": "23",
    "lang:en": "4",
    "entity:person:khalifa-haftar": "1",
    "entity:haftar": "1",
    "entity:خليفة": "1",
    "-entity:person:khalifa-haftar lang:ar": "23",
    "place:سرت": "2",
    "place:الجفرة": "3",
    "about:2019-04": "3",
    "about:2019": "3",
    "about:2018..2019": "3",
    "about:0001..9999": "3",
    "about:2019-04-05": "",
    "after:7d": "12",
    "before:7d": "34",
    "after:30d before:7d": "3",
    "هدنة OR ceasefire": "1234",
    "(هدنة OR ceasefire) -سرت": "134",
    '"وقف النار" OR ceasefire': "34",
    "هدنة NOT سرت": "13",
    "-هدنة": "4",
    "-(هدنة سرت زرافة)": "1234",
}


@pytest.mark.parametrize(("asked", "numbers"), FEATURES.items())
def test_conditions_decide_what_is_found(
    asked: str, numbers: str, ceasefire: tuple[Elasticsearch, Settings]
) -> None:
    assert "".join(sorted(found(*ceasefire, asked))) == numbers


def test_the_command_shows_hits_with_their_passages(
    settings_environ: dict[str, str], settings: Settings, elasticsearch: Elasticsearch
) -> None:
    index_all(
        elasticsearch,
        settings,
        article(1, "حفتر في بنغازي", "قال المتحدث إن لحفتر موقفا \x1b[31m آخر."),
        article(2, "خبر قديم", "عن حفتر.", days_ago=30),
    )
    shown = rasid("search", "حفتر", environ=settings_environ)
    text = shown.stdout.decode()
    assert shown.returncode == 0
    assert "\u2068حفتر في بنغازي\u2069" in text, "each piece within isolates"
    assert "لحفتر موقفا" in text
    assert "https://news.example/articles/1" in text
    assert f"{NOW - timedelta(days=1):%Y-%m-%d}" in text
    assert "2 articles found" in text
    assert "\x1b" not in text, "plain when piped, and nothing of a page steers the terminal"
    recent = rasid("search", "حفتر", "--since", "7d", "--size", "5", environ=settings_environ)
    assert "1 article found" in recent.stdout.decode()


def test_the_command_answers_in_json(
    settings_environ: dict[str, str], settings: Settings, elasticsearch: Elasticsearch
) -> None:
    index_all(elasticsearch, settings, article(1, "عنوان", "قال إن لحفتر موقفا"))
    answer = json.loads(rasid("search", "حفتر", "--json", environ=settings_environ).stdout)
    assert answer["total"] == 1
    (hit,) = answer["hits"]
    assert hit["snippets"] == ["قال إن لحفتر موقفا"]
    assert hit["matched"] == ["لحفتر"]
    assert hit["title"] == "عنوان"
    assert hit["url"] == "https://news.example/articles/1"


def test_the_command_says_what_is_missing(
    settings_environ: dict[str, str], settings: Settings, elasticsearch: Elasticsearch
) -> None:
    nothing = rasid("search", "زرافة", environ=settings_environ)
    assert (nothing.returncode, "No article was found" in nothing.stdout.decode()) == (0, True)
    elsewhere = settings_environ | {"RASID_NAMESPACE": "nowhere"}
    no_index = rasid("search", "x", environ=elsewhere)
    assert (no_index.returncode, b"nowhere-news-articles" in no_index.stderr) == (1, True)
    nobody = settings_environ | {"RASID_ELASTICSEARCH_URL": "http://127.0.0.1:9"}
    absent = rasid("search", "x", environ=nobody)
    assert absent.returncode == 1
    for hint in (b"http://127.0.0.1:9", b"RASID_ELASTICSEARCH_URL", b"rasid stack up"):
        assert hint in absent.stderr
    for typed in (["x", "--since", "soon"], ["after:soon"]):
        wrong = rasid("search", *typed, environ=settings_environ)
        assert (wrong.returncode, b"7d" in wrong.stderr) == (1, True)
    misspelt = article(1, "خبر", "قال حفتر")
    index_all(elasticsearch, settings, misspelt)
    meant = rasid("search", "حفطر", environ=settings_environ).stdout.decode()
    assert "Did you mean \u2068حفتر\u2069?" in meant


def test_if_no_article_has_all_words_those_with_some_are_shown_page_by_page(
    settings: Settings, elasticsearch: Elasticsearch
) -> None:
    about = ["هدنة", "زرافة", "هدنة في سرت", "مباراة"]
    index_all(elasticsearch, settings, *(article(n, "خبر", text) for n, text in enumerate(about)))
    page = search(elasticsearch, settings, SearchRequest("زرافة سرت هدنة الجفرة", size=1))
    assert (page.loosely, page.total) == (True, 3)
    seen = list(page.hits)
    while page.next:
        request = SearchRequest("زرافة سرت هدنة الجفرة", size=1, page=page.next)
        page = search(elasticsearch, settings, request)
        assert page.loosely
        seen += page.hits
    assert {hit.url.rpartition("/")[2] for hit in seen} == {"0", "1", "2"}
    assert len(seen) == 3
    assert search(elasticsearch, settings, SearchRequest("هدنة زرافة -سرت")).total == 2
    assert not search(elasticsearch, settings, SearchRequest("سرت هدنة")).loosely


def test_the_pages_of_a_search_are_since_when_the_first_was(
    settings: Settings, elasticsearch: Elasticsearch
) -> None:
    index_all(elasticsearch, settings, *(article(n, "خبر", "هدنة", days_ago=n) for n in range(9)))
    elasticsearch.update_by_query(
        index=alias(settings), refresh=True, script="ctx._source.story_id = ctx._id"
    )
    first = SearchRequest("هدنة", size=3, since=NOW - timedelta(days=4.5))
    page = search(elasticsearch, settings, first)
    behind = search(elasticsearch, settings, SearchRequest("هدنة", size=3, page=page.next))
    assert (page.total, len(behind.hits), behind.next) == (5, 2, None)


def copies_and_others(count: int) -> list[EnrichedArticle]:
    """Articles of four outlets: each story of ``count`` in two of them, one in all four."""
    return [
        article(
            4 * story + outlet,
            f"هدنة {story}",
            "تفاصيل الهدنة",
            days_ago=story,
            source_name=f"موقع {outlet}",
        )
        for story in range(count)
        for outlet in range(4 if story == 1 else 2)
    ]


@pytest.fixture
def stories(settings: Settings, elasticsearch: Elasticsearch) -> int:
    """Index copies of 12 stories and return how many there are."""
    index_all(elasticsearch, settings, *copies_and_others(12))
    elasticsearch.update_by_query(
        index=alias(settings),
        refresh=True,
        script="ctx._source.story_id = ctx._source.title",
        query={"match_all": {}},
    )
    return 12


@pytest.mark.parametrize("words", ["هدنة", "", "lang:ar"])
def test_pages_show_every_story_once_in_the_order_of_one_long_page(
    words: str, stories: int, settings: Settings, elasticsearch: Elasticsearch
) -> None:
    whole = search(elasticsearch, settings, SearchRequest(words, size=100))
    assert (whole.total, whole.stories, len(whole.hits)) == (2 * stories + 2, stories, stories)
    assert whole.next is None
    page = search(elasticsearch, settings, SearchRequest(words, size=5))
    seen = list(page.hits)
    index_all(elasticsearch, settings, article(99, "هدنة هدنة", "هدنة", days_ago=0))
    while page.next:
        page = search(elasticsearch, settings, SearchRequest(words, size=5, page=page.next))
        assert page.total == whole.total
        seen += page.hits
    assert [hit.story_id for hit in seen] == [hit.story_id for hit in whole.hits]


def test_of_more_articles_than_are_counted_every_story_is_shown_all_the_same(
    stories: int,
    settings: Settings,
    elasticsearch: Elasticsearch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = search(elasticsearch, settings, SearchRequest("هدنة", size=100))
    monkeypatch.setattr("services.index.core.query.COUNTED", 3)
    page = search(elasticsearch, settings, SearchRequest("هدنة", size=5))
    assert (page.total, page.stories) == (3, None)
    assert [hit.article_id for hit in page.hits] == [hit.article_id for hit in whole.hits[:5]]
    assert [hit.copies for hit in page.hits] == [hit.copies for hit in whole.hits[:5]]


def test_pages_of_articles_without_a_date_have_an_end(
    settings: Settings, elasticsearch: Elasticsearch
) -> None:
    index_all(elasticsearch, settings, *(article(number, "خبر", "هدنة") for number in range(9)))
    elasticsearch.update_by_query(
        index=alias(settings),
        refresh=True,
        script="ctx._source.published_at = null; ctx._source.story_id = ctx._id",
    )
    page = search(elasticsearch, settings, SearchRequest("lang:ar", size=2))
    seen = list(page.hits)
    while page.next:
        page = search(elasticsearch, settings, SearchRequest("lang:ar", size=2, page=page.next))
        seen += page.hits
    assert len(seen) == len({hit.article_id for hit in seen}) == 9


def test_a_story_says_whose_copies_there_are(
    stories: int, settings: Settings, elasticsearch: Elasticsearch
) -> None:
    hits = search(elasticsearch, settings, SearchRequest("هدنة", size=stories)).hits
    (everywhere,) = [hit for hit in hits if hit.story_id == "هدنة 1"]
    assert everywhere.copies == 4
    assert set(everywhere.sources) == {f"موقع {outlet}" for outlet in range(4)}
    every = search(elasticsearch, settings, SearchRequest("هدنة", size=100, copies=True)).hits
    assert len({hit.article_id for hit in every}) == 2 * stories + 2
    only = search(elasticsearch, settings, SearchRequest('هدنة source:"موقع 3"')).hits
    assert [(hit.story_id, hit.copies) for hit in only] == [("هدنة 1", 1)]


def test_facets_count_what_was_found(
    stories: int, settings: Settings, elasticsearch: Elasticsearch
) -> None:
    facets = search(elasticsearch, settings, SearchRequest("هدنة", facets=True)).facets
    assert dict(facets["sources"]) == {"موقع 0": 12, "موقع 1": 12, "موقع 2": 1, "موقع 3": 1}
    assert dict(facets["languages"]) == {"ar": 26}
    assert sum(count for _, count in facets["days"]) == 26
    assert (f"{NOW - timedelta(days=1):%Y-%m-%d}", 4) in facets["days"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("حفطر", "حفتر"),
        ("(حفطر OR زرافه) -كرة", "(حفتر OR زرافه) -كرة"),
        ("Tripolli", "tripoli"),
        ("زرافة", None),
        ("lang:fr", None),
    ],
)
def test_what_is_not_found_may_have_been_meant_otherwise(
    typed: str, meant: str | None, settings: Settings, elasticsearch: Elasticsearch
) -> None:
    index_all(elasticsearch, settings, article(1, "خبر", "قال حفتر في بنغازي: Tripoli"))
    result = search(elasticsearch, settings, SearchRequest(typed))
    assert (result.hits, result.meant) == ((), meant)


def test_the_command_knows_names_pages_and_facets(
    stories: int, settings_environ: dict[str, str], settings: Settings, elasticsearch: Elasticsearch
) -> None:
    index_all(
        elasticsearch, settings, article(77, "خبر", "نص").model_copy(update={"entities": (HAFTAR,)})
    )
    shown = rasid("search", "entity:Hifter", environ=settings_environ).stdout.decode()
    assert "Hifter: person:khalifa-haftar" in shown
    assert "1 article found" in shown
    first = rasid("search", "هدنة", "-سرت", "-n", "4", "--facets", environ=settings_environ)
    lines = first.stdout.decode().splitlines()
    assert "26 articles found in 12 stories, 4 shown" in lines[-2]
    assert [line for line in lines if "موقع 0" in line and "12" in line]
    assert "3 more" in first.stdout.decode()
    option, token = lines[-1].removeprefix("The next ones: ").split()
    again = rasid("search", "هدنة", "-سرت", "-n", "4", option, token, environ=settings_environ)
    assert "4 shown" in again.stdout.decode()
    elasticsearch.close_point_in_time(id=from_token(token, "هدنة -سرت").view)
    late = rasid("search", "هدنة", "-سرت", option, token, environ=settings_environ)
    assert (late.returncode, b"no longer kept" in late.stderr) == (1, True)
    other = rasid("search", "سرت", option, token, environ=settings_environ)
    assert (other.returncode, b"another search" in other.stderr) == (1, True)
