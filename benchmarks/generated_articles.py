"""As many plausible articles as are asked for: our own words by Zipf's law, with what enrich adds.

Article N is the same wherever and whenever it is made. The words of a language are those of the
sample news and of the judged documents, the most frequent first, and behind them made-up ones (the
beginning of one word, the end of another), for no corpus runs out of new words. The names are those
that enrich finds in these texts, and stand in the text as well.
"""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any

from deploy.demo.newsroom import load
from services.contract.articles import DateMention, EnrichedArticle, Entity, Language, Mention
from services.enrich.core.signature import sign
from services.enrich.edges.models import load_models
from services.enrich.enrichment import Models, enrich
from tests.search_quality import read_documents
from tests.support import enriched_article, raw_article

SHARES = {"ar": 80, "en": 10, "fr": 4, "it": 3, "tr": 3}
DIFFERENT_WORDS = {tag: share * 1_000 for tag, share in SHARES.items()}
SOURCES = 200
FIRST_DAY = datetime(2018, 1, 1, tzinfo=UTC)
MINUTES = 3 * 365 * 24 * 60
TITLE_WORDS, TEXT_WORDS = (6, 12), (60, 100)
COPIES = 3
"""Of every ten articles so many are one story, the others each their own."""

_NOW = datetime(2020, 11, 25, 10, tzinfo=UTC)
_ADDED_TO_RANK = 2.7  # Mandelbrot's: the most frequent words are less frequent than Zipf has it


@dataclass(frozen=True, slots=True)
class Ranked:
    """Things to choose from, the first the most often."""

    things: Sequence[Any]
    weights: Sequence[float]

    def choose(self, chance: random.Random, count: int) -> list[Any]:
        return chance.choices(self.things, cum_weights=self.weights, k=count)


@dataclass(frozen=True, slots=True)
class Tongue:
    """What articles of one language are made of."""

    words: Ranked
    names: Ranked


class Articles:
    """The articles, by their numbers."""

    def __init__(self, text_words: tuple[int, int] = TEXT_WORDS) -> None:
        """``text_words``: how many a text has, at least and at most."""
        self._text_words = text_words
        texts, models = _own_texts(), load_models()
        self._tongues = {tag: _tongue(tag, texts[tag], models) for tag in SHARES}
        self._sources = _by_zipf([f"source-{number}" for number in range(SOURCES)])

    def article(self, number: int) -> EnrichedArticle:
        """Return article ``number``."""
        chance = random.Random(number)
        original = _original(number)
        title, text, tag, entities = self._written(random.Random(original), chance, number)
        moment = FIRST_DAY + timedelta(minutes=random.Random(original).randrange(MINUTES))
        moment += timedelta(minutes=chance.randrange(600))
        (source,) = self._sources.choose(chance, 1)
        raw = raw_article(
            number,
            title=title,
            text=text,
            source_id=source,
            source_name=source.title(),
            source_country="LY",
            published_at=moment,
            first_seen_at=moment,
            fetched_at=moment + timedelta(minutes=5),
        )
        return enriched_article(
            raw=raw,
            language=Language(tag=tag, confidence=0.99),
            entities=entities,
            dates=_dates(chance, moment.date()),
            signature=sign(text),
        )

    def story_id(self, number: int) -> str:
        """Return the id of the article by which the story of article ``number`` is called."""
        return raw_article(_original(number)).article_id

    def _written(
        self, original: random.Random, own: random.Random, number: int
    ) -> tuple[str, str, str, tuple[Entity, ...]]:
        """Return title, text, language and names; a copy has a twentieth of its words changed."""
        (tag,) = original.choices(list(SHARES), weights=list(SHARES.values()))
        tongue = self._tongues[tag]
        title = tongue.words.choose(original, original.randint(*TITLE_WORDS))
        words = tongue.words.choose(original, original.randint(*self._text_words))
        chosen = tongue.names.choose(original, original.randint(1, 8))
        entities = tuple({one.name: one for one in chosen}.values())
        for place, one in zip(range(3, TEXT_WORDS[0], 7), entities, strict=False):
            words[place] = one.mentions[0].text
        if number != _original(number):
            for word in tongue.words.choose(own, len(words) // 20):
                words[own.randrange(len(words))] = word
        text = "\n".join(" ".join(words[start : start + 40]) for start in range(0, len(words), 40))
        return " ".join(title), text, tag, entities


def _original(number: int) -> int:
    return number - number % 10 if number % 10 < COPIES else number


def _own_texts() -> dict[str, list[tuple[str, str]]]:
    """Return titles and texts by language."""
    texts = defaultdict(list)
    for article in load().articles.values():
        texts[article.about.language].append(
            (article.last.title, "\n".join(article.last.paragraphs))
        )
    for document in read_documents():
        texts[document.language].append((document.title, document.text))
    return texts


def _tongue(tag: str, texts: Sequence[tuple[str, str]], models: Models) -> Tongue:
    counted = Counter(word for text in texts for part in text for word in re.findall(r"\w+", part))
    own = [word for word, _ in counted.most_common()]
    chance, words = random.Random(tag), dict.fromkeys(own)
    while len(words) < DIFFERENT_WORDS[tag]:
        first, last = chance.choices(own, k=2)
        words[first[: len(first) // 2 + 1] + last[len(last) // 2 :]] = None
    return Tongue(_by_zipf(list(words)), _by_zipf(_names(texts, models)))


def _names(texts: Sequence[tuple[str, str]], models: Models) -> list[Entity]:
    """Return what enrich finds in the texts, the most frequent first."""
    found, known = Counter[str](), {}
    for title, text in texts:
        for entity in enrich(raw_article(title=title, text=text), models, _NOW, "bench").entities:
            mention = Mention(start=0, end=1, text=entity.mentions[0].text)
            found[entity.name] += 1
            known[entity.name] = entity.model_copy(update={"mentions": (mention,)})
    return [known[name] for name, _ in found.most_common()]


def _by_zipf(things: Sequence[Any]) -> Ranked:
    weights = (1 / (rank + _ADDED_TO_RANK) for rank in range(1, len(things) + 1))
    return Ranked(things, list(accumulate(weights)))


def _dates(chance: random.Random, published: date) -> tuple[DateMention, ...]:
    """Return up to two days before or after the publication."""
    days = [
        published + timedelta(days=chance.randint(-30, 10)) for _ in range(chance.randint(0, 2))
    ]
    return tuple(
        DateMention(
            start=0,
            end=1,
            text=f"{day:%d/%m/%Y}",
            value=day.isoformat(),
            from_=day,
            to=day,
            grain="day",
            kind="absolute",
        )
        for day in days
    )
