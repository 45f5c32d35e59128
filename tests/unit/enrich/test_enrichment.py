"""The whole of enrichment, and what becomes of each kind of message."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contract.articles import EnrichedArticle
from services.contract.wire import decode, encode
from services.enrich.core.relevance import judge_relevance
from services.enrich.core.signature import sign
from services.enrich.enrichment import Models, enrich
from services.enrich.handling import Enriched, Rejected, handle
from tests.support import raw_article

NOW = datetime(2020, 11, 25, 12, tzinfo=UTC)


def test_an_article_gets_all_that_is_in_it(models: Models) -> None:
    article = raw_article(
        title="حفتر في طرابلس",
        text="in\nالتقى ريتشارد نورلاند وفدا من ترهونة أمس.\nTotal\n0\nمشاركة",
        source_country="LY",
    )
    enriched = enrich(article, models, NOW, "rasid 0")
    assert enriched.article == article
    assert enriched.text == "التقى ريتشارد نورلاند وفدا من ترهونة أمس."
    assert enriched.published.confidence > 0.9
    assert enriched.language.tag == "ar"
    assert [entity.id for entity in enriched.entities] == [
        "person:richard-norland",
        "place:tarhuna",
    ]
    assert [mention.value for mention in enriched.dates] == ["2020-11-24"]
    assert enriched.libya.score > 0.6
    assert "person:khalifa-haftar ×3" in enriched.libya.reasons
    assert decode(encode(enriched), EnrichedArticle) == enriched


def test_yesterday_is_that_of_the_place_the_article_came_out(models: Models) -> None:
    late = datetime(2020, 11, 25, 23, 30, tzinfo=UTC)  # in Tripoli it is the 26th already
    article = raw_article(text="زار المدينة أمس.", published_at=late, fetched_at=late)
    assert enrich(article, models, NOW, "rasid 0").dates[0].value == "2020-11-25"


def test_an_unknown_publication_leaves_relative_dates_open(models: Models) -> None:
    article = raw_article(
        text="زار المدينة أمس.",
        published_at=None,
        published_origin="none",
        published_precision=None,
    )
    enriched = enrich(article, models, NOW, "rasid 0")
    assert (enriched.published.origin, enriched.published.confidence) == ("none", 0)
    assert enriched.dates[0].value is None


TEXTS = st.lists(
    st.sampled_from(["حفتر", "لطرابلس", "ـَـ", "\n", "in", "21 مارس", "أمس", "ﻻ", "\ud800", "١٢٣"])
    | st.text(st.characters(), max_size=8)
).map(" ".join)


@pytest.mark.slow
@given(text=TEXTS, title=TEXTS)
def test_nothing_a_text_can_hold_makes_it_fail(text: str, title: str, models: Models) -> None:
    article = raw_article().model_copy(update={"text": text, "title": title})
    enriched = enrich(article, models, NOW, "rasid 0")
    mentions = [mention for entity in enriched.entities for mention in entity.mentions]
    for mention in (*mentions, *enriched.dates):
        assert enriched.text[mention.start : mention.end] == mention.text
    ends = sorted((mention.start, mention.end) for mention in mentions)
    assert all(first[1] <= second[0] for first, second in pairwise(ends))


@pytest.mark.slow
def test_a_long_text_of_one_letter_or_of_digits_takes_no_more_than_its_length(
    models: Models,
) -> None:
    for text in ("ا" * 200_000, "1" * 200_000, "من " * 60_000, "ال" * 100_000, "1-" * 100_000):
        enrich(raw_article(text=text), models, NOW, "rasid 0")


def golden(**fields: object) -> bytes:
    message = json.loads(encode(raw_article()))
    return json.dumps(message | fields).encode()


POISON = {
    "garbage": (b"\xff\x00garbage", "not-json"),
    "nothing": (b"", "not-json"),
    "a list": (b"[1, 2]", "not-an-object"),
    "a wrong type": (golden(title=5), "invalid-field"),
    "a missing field": (b'{"schema": 1}', "missing-field"),
    "a newer schema": (golden(schema=2), "newer-schema"),
    "five megabytes": (golden(text="ا" * 2_600_000), "too-large"),
    "deep nesting": (b"[" * 100_000, "not-json"),
    "a lone surrogate": (golden(text="x").replace(b'"x"', b'"\\ud83d"'), "not-json"),
}


@pytest.mark.parametrize(("value", "reason"), POISON.values(), ids=POISON.keys())
def test_a_bad_message_is_rejected_with_its_reason(
    value: bytes, reason: str, models: Models
) -> None:
    outcome = handle(value, models, NOW, "rasid 0")
    assert isinstance(outcome, Rejected)
    assert (outcome.stage, outcome.reason) == ("decode", reason)


def test_a_bug_of_ours_rejects_one_message_and_tells_where_it_is(models: Models) -> None:
    class Broken:
        def scores(self, text: str) -> list[tuple[str, float]]:
            raise RuntimeError(text)

    broken = replace(models, languages=replace(models.languages, expected=Broken(), every=Broken()))
    outcome = handle(encode(raw_article()), broken, NOW, "rasid 0")
    assert isinstance(outcome, Rejected)
    assert (outcome.stage, outcome.reason) == ("enrich", "bug")
    assert "identify_language" in outcome.error
    assert isinstance(handle(encode(raw_article()), models, NOW, "rasid 0"), Enriched)


def paragraphs() -> Iterator[str]:
    for place in ("نالوت", "غات", "سبها", "درنة", "مصراتة", "زوارة"):
        yield (
            f"أعلنت بلدية {place} أن أعمال صيانة الطرق الرئيسية ستبدأ خلال الأيام القادمة، وأن "
            f"المواد اللازمة وصلت إلى مخازن البلدية في {place} بعد تأخير بسبب سوء الأحوال الجوية."
        )


def test_copies_of_a_story_share_paragraphs_and_bands_and_others_do_not() -> None:
    first, *rest = paragraphs()
    story = "\n".join([first, *rest])
    copy = sign(f"{story}\nجملة زائدة لا أكثر")
    other = sign(
        "خسر الفريق الأول مباراة الافتتاح أمام ضيفه بهدفين دون رد في ملعب المدينة الرياضية " * 2
    )
    assert sign(story).paragraphs == copy.paragraphs
    assert len(set(sign(story).bands) & set(copy.bands)) > 16
    assert not set(sign(story).bands) & set(other.bands)
    assert not set(sign(story).paragraphs) & set(other.paragraphs)
    assert sign("كلمتان فقط").bands == ()


@pytest.mark.parametrize(
    ("country", "text", "score"),
    [("LY", "", 0.5), (None, "", 0.0), (None, "الليبيين", 0.5), ("LY", "الليبيين", 0.6)],
)
def test_relevance_without_names_rests_on_the_source_and_the_words(
    country: str | None, text: str, score: float
) -> None:
    assert judge_relevance((), text, country).score == score


def test_without_a_publication_the_latest_day_the_text_names_is_a_guess(models: Models) -> None:
    article = raw_article(
        text="اجتمع المجلس في 3 مايو 2020 ثم أمس، بعد لقاء 1 مايو 2020، وسيجتمع في 9 مايو 2020.",
        published_at=None,
        published_origin="none",
        published_precision=None,
    )
    enriched = enrich(article, models, NOW, "rasid 0")
    assert (enriched.published.origin, enriched.published.precision) == ("text", "day")
    assert enriched.published.confidence < 0.5
    assert [d.value for d in enriched.dates if d.text == "أمس"] == ["2020-05-02"]
