"""The five articles beside a checkout, where they are there: what must be found in them.

Their text is not ours to copy; ids, counts and days are.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.contract.articles import EnrichedArticle
from services.enrich.enrichment import Models, enrich
from tests.support import raw_article

SEEDS = Path(__file__).parents[4] / "shared" / "seeds"
PUBLISHED = datetime(2019, 11, 27, 10, tzinfo=UTC)
LEFTOVERS = {"in", "Total", "0", "مشاركة", "مقالات ذات صلة"}

pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="the articles are not there")

# the beginning of the file's name -> ids in title or text, dates of the text
EXPECTED = {
    "000": (
        "person:khalifa-haftar person:richard-norland person:joshua-harris person:fathi-bashagha "
        "person:fayez-sarraj person:taj-razzagi place:libya place:tripoli place:united-states "
        "place:russia place:sudan place:egypt place:chad place:washington place:uae org:wagner "
        "org:the-hill org:us-congress org:us-state-department",
        "2019-03-21 2019-11-22 2019-03-02 2019-11-15 2019-11-22 2019-11-24 2019-04",
    ),
    "001": (
        "person:khalifa-haftar person:richard-norland person:joshua-harris person:fayez-sarraj "
        "person:ghassan-salame person:stephen-townsend place:libya place:tripoli place:benghazi "
        "place:benina place:london place:tunisia place:united-states org:gna org:united-nations "
        "org:presidential-council org:africom org:islamic-state org:white-house",
        "2019-07 2019-10 2019-10 2019-11-22",
    ),
    "002": (
        "person:khalifa-haftar person:richard-norland person:david-schenker person:fathi-bashagha "
        "person:fayez-sarraj person:donald-trump person:victoria-coates person:matthew-zais "
        "person:steven-demilliano person:ahmed-mismari place:washington place:paris place:amman "
        "place:tripoli place:russia org:washington-post org:africom org:wagner org:gna "
        "org:libya-alahrar",
        "2019-11-24 2019-08/2019-10 2019-11-25 2019-11-24 2019-11-21 2019-11-21",
    ),
    "003": (
        "person:khalifa-haftar person:richard-norland person:fathi-bashagha person:fayez-sarraj "
        "person:donald-trump person:ahmed-mismari place:moscow place:tripoli place:washington "
        "place:syria place:uae place:saudi-arabia place:egypt org:africom org:libya-alahrar "
        "org:presidential-council org:twitter",
        "2019-11-24 2019-11-21 2019-11-25 2019-04-04 2019-11-27",
    ),
    "004": (
        "person:khalifa-haftar person:richard-norland person:victoria-coates person:fathi-bashagha "
        "person:ahmed-mismari place:tarhuna place:gharyan place:tripoli place:libya "
        "place:washington org:gna org:kaniyat org:us-state-department org:alhadath-libya",
        "2019-11-26",
    ),
}


def seed(prefix: str, models: Models) -> EnrichedArticle:
    (path,) = SEEDS.glob(f"{prefix}_*.txt")
    title, _, text = path.read_text(encoding="utf-8").partition("\n")
    article = raw_article(
        title=title, text=text, source_country="LY", published_at=PUBLISHED, fetched_at=PUBLISHED
    )
    return enrich(article, models, PUBLISHED, "test")


@pytest.mark.parametrize("prefix", EXPECTED)
def test_everybody_named_is_found(prefix: str, models: Models) -> None:
    enriched = seed(prefix, models)
    ids = [entity.id for entity in enriched.entities]
    assert set(EXPECTED[prefix][0].split()) - set(ids) == set()
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("prefix", EXPECTED)
def test_every_date_means_its_day(prefix: str, models: Models) -> None:
    mentions = seed(prefix, models).dates
    dates = [mention.value for mention in mentions if mention.kind != "duration"]
    assert dates == EXPECTED[prefix][1].split()


@pytest.mark.parametrize("prefix", EXPECTED)
def test_nothing_of_the_page_is_left_and_the_article_is_about_libya(
    prefix: str, models: Models
) -> None:
    enriched = seed(prefix, models)
    assert not LEFTOVERS & {line.strip() for line in enriched.text.split("\n")}
    assert "الليشمانيا" not in enriched.text  # of a related headline
    assert enriched.language.tag == "ar"
    assert enriched.libya.score > 0.5


def test_the_two_versions_of_one_story_share_paragraphs_and_no_others_do(models: Models) -> None:
    paragraphs = {prefix: set(seed(prefix, models).signature.paragraphs) for prefix in EXPECTED}
    shared = {
        (one, other): len(paragraphs[one] & paragraphs[other])
        for one in EXPECTED
        for other in EXPECTED
        if one < other and paragraphs[one] & paragraphs[other]
    }
    assert shared == {("002", "003"): 3}
