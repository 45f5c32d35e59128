"""The articles of the sample news site: well formed, and as hard as they are meant to be."""

import re
import unicodedata
from pathlib import Path

import pytest

from deploy.demo import expected
from deploy.demo.newsroom import Article, Edit, edited, load, parse

NEWSROOM = load()

every_article = pytest.mark.parametrize("article", NEWSROOM.articles.values(), ids=lambda a: a.slug)


def test_there_are_as_many_articles_in_each_language_as_the_demo_promises() -> None:
    counts = expected.languages(NEWSROOM)
    assert sum(counts.values()) >= 44
    assert counts["ar"] >= 32
    assert all(counts[language] >= 3 for language in ("en", "fr", "it", "tr"))
    assert len({article.number for article in NEWSROOM.articles.values()}) == sum(counts.values())


@every_article
def test_an_article_has_the_length_of_news(article: Article) -> None:
    words = sum(len(paragraph.split()) for paragraph in article.last.paragraphs)
    low, high = (10, 40) if article.about.section == "عاجل" else (120, 350)
    assert low <= words <= high


@every_article
def test_an_articles_outlet_and_labels_exist(article: Article) -> None:
    assert article.about.outlet in NEWSROOM.outlets
    assert article.about.language in NEWSROOM.labels


def test_the_arabic_has_the_spellings_that_make_it_hard() -> None:
    arabic = "\n".join(
        f"{article.last.title}\n" + "\n".join(article.last.paragraphs)
        for article in NEWSROOM.articles.values()
        if article.about.language == "ar"
    )
    hard = "لحفتر للأفريكوم فالدبيبة بطرابلس رتشارد هانا حنا ادبيبة ميليشيات المليشيات الـ20 أمس"
    assert [word for word in hard.split() if word not in arabic] == []
    assert re.search("[٠-٩]", arabic)
    assert "ـــ" in arabic


def test_a_wire_text_is_carried_by_three_outlets_with_small_changes() -> None:
    (group,) = expected.near_duplicates(NEWSROOM)
    copies = [NEWSROOM.articles[slug] for slug in group]
    assert len({article.about.outlet for article in copies}) == 3
    assert len({article.last.title for article in copies}) == 3
    assert len({article.last.paragraphs for article in copies}) == 3


def test_two_articles_that_are_no_copies_share_three_whole_paragraphs() -> None:
    (group,) = expected.near_duplicates(NEWSROOM)
    pairs = [pair for pair in expected.shared_paragraphs(NEWSROOM) if not pair <= group]
    assert pairs == [frozenset({"africom-visits-tripoli", "sirte-medical-workshop"})]


def test_corrections_change_a_title_and_a_text() -> None:
    firsts = {slug: NEWSROOM.articles[slug].first for slug in expected.corrections(NEWSROOM)}
    changed = expected.corrections(NEWSROOM)
    assert any(changed[slug].title != first.title for slug, first in firsts.items())
    assert any(changed[slug].paragraphs != first.paragraphs for slug, first in firsts.items())


@pytest.mark.parametrize("search", expected.searches(), ids=lambda search: search.query)
def test_a_search_names_articles_that_say_what_it_looks_for(search: expected.Search) -> None:
    def folded(text: str) -> str:
        text = "".join(
            c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)
        )
        return text.replace("ـ", "").replace("ال", "").casefold()

    for slug in search.finds:
        version = NEWSROOM.articles[slug].last
        text = folded("\n".join([version.title, *version.paragraphs]))
        assert all(folded(word) in text for word in search.query.split()), slug


def test_an_unknown_key_in_an_article_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "sample.md"
    file.write_text("---\nslug: sample\noutlett: mithal\n---\n\n# title\n\ntext\n")
    with pytest.raises(ValueError, match=r"(?s)sample\.md.*outlett"):
        parse(file)


def test_an_edit_that_fits_nowhere_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="0 places"):
        edited(("one", "two"), [Edit(old="three", new="four")])
