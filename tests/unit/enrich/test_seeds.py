"""The five articles beside a checkout, where they are there: what must be found in them.

Their text is not ours to copy; ids, counts and days are.
"""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
import yaml

from services.contract.articles import EnrichedArticle
from services.enrich.enrichment import Models, enrich
from tests.support import raw_article

SEEDS = Path(__file__).parents[4] / "shared" / "seeds"
PUBLISHED = datetime(2019, 11, 27, 10, tzinfo=UTC)
LEFTOVERS = {"in", "Total", "0", "مشاركة", "مقالات ذات صلة"}

pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="the articles are not there")

DATES = {
    "000": "2019-03-21 2019-11-22 2019-03-02 2019-11-15 2019-11-22 2019-11-24 2019-04",
    "001": "2019-07 2019-10 2019-10 2019-11-22",
    "002": "2019-11-24 2019-08/2019-10 2019-11-25 2019-11-24 2019-11-21 2019-11-21",
    "003": "2019-11-24 2019-11-21 2019-11-25 2019-04-04 2019-11-27",
    "004": "2019-11-26",
}  # by the beginning of the file's name; of what follows the first line


def names_of(prefix: str) -> dict[str, dict[str, int]]:
    names = yaml.safe_load(Path(__file__).with_name("seed_names.yaml").read_text(encoding="utf-8"))
    return cast(dict[str, dict[str, int]], names[prefix])


def seed(prefix: str, models: Models, headline: bool = True) -> EnrichedArticle:
    """Return the article enriched, its first line as the ``headline`` or as part of the text."""
    (path,) = SEEDS.glob(f"{prefix}_*.txt")
    text = path.read_text(encoding="utf-8")
    title, text = text.split("\n", 1) if headline else ("", text)
    article = raw_article(
        title=title, text=text, source_country="LY", published_at=PUBLISHED, fetched_at=PUBLISHED
    )
    return enrich(article, models, PUBLISHED, "test")


@pytest.mark.parametrize("prefix", DATES)
def test_everybody_named_is_found_each_time_and_nobody_else_is(prefix: str, models: Models) -> None:
    enriched = seed(prefix, models, headline=False)
    named = [entity for entity in enriched.entities if entity.type not in ("EVENT", "MISC")]
    assert len({entity.id for entity in named}) == len(named)
    found = {entity.id: Counter(mention.text for mention in entity.mentions) for entity in named}
    assert found == names_of(prefix)


@pytest.mark.parametrize("prefix", DATES)
def test_every_date_means_its_day(prefix: str, models: Models) -> None:
    mentions = seed(prefix, models).dates
    dates = [mention.value for mention in mentions if mention.kind != "duration"]
    assert dates == DATES[prefix].split()


@pytest.mark.parametrize("prefix", DATES)
def test_nothing_of_the_page_is_left_and_the_article_is_about_libya(
    prefix: str, models: Models
) -> None:
    enriched = seed(prefix, models)
    assert not LEFTOVERS & {line.strip() for line in enriched.text.split("\n")}
    assert not any(word in enriched.text for word in ("الليشمانيا", "برلين"))  # related headlines
    assert enriched.language.tag == "ar"
    assert enriched.libya.score > 0.5


def test_the_two_versions_of_one_story_share_paragraphs_and_no_others_do(models: Models) -> None:
    paragraphs = {prefix: set(seed(prefix, models).signature.paragraphs) for prefix in DATES}
    shared = {
        (one, other): len(paragraphs[one] & paragraphs[other])
        for one in DATES
        for other in DATES
        if one < other and paragraphs[one] & paragraphs[other]
    }
    assert shared == {("002", "003"): 3}
