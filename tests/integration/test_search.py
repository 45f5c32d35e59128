"""Arabic is found as Arabic is written, on a real Elasticsearch; ``rasid search`` shows it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from elasticsearch import Elasticsearch

from services.contract.articles import EnrichedArticle
from services.contract.wire import encode
from services.index.config import alias
from services.index.core.prepare import Ready, prepare
from services.index.core.query import SearchRequest
from services.index.core.settle import Answered
from services.index.edges.elasticsearch import make_client, send_bulk
from services.index.edges.indices import ensure_index
from services.index.search import search
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


def article(number: int, title: str, text: str, days_ago: float = 1) -> EnrichedArticle:
    published = NOW - timedelta(days=days_ago)
    raw = raw_article(number, title=title, text=text, published_at=published, first_seen_at=NOW)
    return enriched_article(raw=raw)


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
    assert found(elasticsearch, settings, '"مجلس النواب"') == ["1"]
    assert found(elasticsearch, settings, "«مجلس النواب» ليبي") == ["1"]


@pytest.mark.parametrize(
    "words",
    ["!!!", "AND OR NOT", "title:*", "a~2", "/.*/", "{}", "\\", '"', "((((", "-", "\x00", "*:*",
     "و", "\ud83d\ude00", "a" * 500, " ".join("ab" for _ in range(150)), "_id:1 ../x"],
)  # fmt: skip
def test_no_input_is_an_error(words: str, settings: Settings, elasticsearch: Elasticsearch) -> None:
    words = words.encode("utf-16", "surrogatepass").decode("utf-16")
    index_all(elasticsearch, settings, article(1, "عنوان", "نص"))
    assert found(elasticsearch, settings, words) == []


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
    wrong = rasid("search", "x", "--since", "soon", environ=settings_environ)
    assert (wrong.returncode, b"7d" in wrong.stderr) == (1, True)
