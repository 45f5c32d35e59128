"""How fast enrich is, step by step, on one core: ``python benchmarks/bench_enrich.py FOLDER``.

FOLDER holds articles as text files, first line the title. CPU time, the best of several runs; what
libraries take on the same texts stands beside: a bare Aho-Corasick search for all known names, a
bare CRF with the features of its documentation (taught what our tagger says of these very texts:
this is about time), dateparser. The last line is the whole ``rasid annotate`` with its start, by
the wall clock.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

started = time.perf_counter()
from services.contract.articles import RawArticle  # noqa: E402 - importing is measured, too
from services.contract.wire import encode  # noqa: E402
from services.enrich.annotation import _article, annotate  # noqa: E402
from services.enrich.core.arabic_names import name_arabic  # noqa: E402
from services.enrich.core.clean import clean, repair  # noqa: E402
from services.enrich.core.dates.mentions import mention_dates  # noqa: E402
from services.enrich.core.entities import comparable_article, sight_entities  # noqa: E402
from services.enrich.core.labels import LABELS  # noqa: E402
from services.enrich.core.language import identify_language  # noqa: E402
from services.enrich.core.normalise import Normalised, normalise  # noqa: E402
from services.enrich.core.relevance import judge_relevance  # noqa: E402
from services.enrich.core.signature import sign  # noqa: E402
from services.enrich.core.words import sentences  # noqa: E402
from services.enrich.edges.models import load_models  # noqa: E402
from services.enrich.enrichment import enrich  # noqa: E402

imported = time.perf_counter()
MODELS = load_models()
loaded = time.perf_counter()

RUNS = 20
ARTICLES_THROUGH_THE_COMMAND = 2_000
NOW = datetime(2020, 11, 25, 10, tzinfo=UTC)


Step = Callable[[int], object]


def main(folder: Path) -> None:
    lines = [line_of(path) for path in sorted(folder.glob("*.txt"))]
    articles = [_article(json.loads(line)) for line in lines]
    texts = [clean(article.text) for article in articles]
    characters = sum(map(len, texts)) / len(texts)
    print(f"{len(lines)} articles, {characters:.0f} characters on average")
    print(f"{'import':28}{imported - started:9.2f} s\n{'load models':28}{loaded - imported:9.2f} s")
    took = show(steps(lines, articles, texts), len(lines))
    print(f"{'peak memory':28}{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:9.0f} MB")
    whole = list(map(comparable_article, *comparables(articles, texts)))
    show({"bare crfsuite": bare_crf(whole)}, len(lines))
    beside_dateparser(texts, took["dates"])
    whole_command(lines)


def comparables(
    articles: list[RawArticle], texts: list[str]
) -> tuple[list[Normalised], list[Normalised]]:
    """Return the normalised titles and texts."""
    return [normalise(repair(article.title)) for article in articles], list(map(normalise, texts))


def steps(lines: list[bytes], articles: list[RawArticle], texts: list[str]) -> dict[str, Step]:
    titles, normalised = comparables(articles, texts)
    whole = list(map(comparable_article, titles, normalised))
    facts = list(zip(texts, normalised, titles, strict=True))
    sightings = [sight_entities(*of_article, MODELS.names) for of_article in facts]
    enriched = [enrich(article, MODELS, NOW, "bench") for article in articles]
    automaton = MODELS.names.matcher.automaton
    return {
        "clean": lambda at: clean(articles[at].text),
        "normalise": lambda at: normalise(texts[at]),
        "language": lambda at: identify_language(
            articles[at].title, texts[at], None, MODELS.languages
        ),
        "bare Aho-Corasick": lambda at: automaton.find_matches_as_indexes(
            whole[at], overlapping=True
        ),
        "known names": lambda at: sight_entities(*facts[at], MODELS.names),
        "tagger": lambda at: MODELS.tagger.tag(whole[at]),
        "entities": lambda at: name_arabic(
            *facts[at], MODELS.names, MODELS.tagger, MODELS.patterns
        ),
        "dates": lambda at: mention_dates(
            texts[at],
            normalised[at],
            MODELS.dates,
            MODELS.dates.expressions(normalised[at].text),
            NOW.date(),
        ),
        "signature": lambda at: sign(normalised[at].text),
        "relevance": lambda at: judge_relevance(sightings[at], normalised[at].text, None),
        "encode": lambda at: encode(enriched[at]),
        "enrich, all steps": lambda at: enrich(articles[at], MODELS, NOW, "bench"),
        "annotate, one line": lambda at: annotate(lines[at], 1, MODELS),
    }


def show(measured: dict[str, Step], count: int) -> dict[str, float]:
    """Print what each step takes an article, in ms, and return it: each in turn, several times."""
    best = dict.fromkeys(measured, float("inf"))
    for _ in range(RUNS):
        for name, step in measured.items():
            best[name] = min(best[name], best_ms(step, count, runs=1))
    for name, ms in best.items():
        print(f"{name:28}{ms:9.3f} ms{1000 / ms:12.0f} /s")
    return best


def bare_crf(whole: list[str]) -> Step:
    """crfsuite by its Python library, with the plain templates of its tutorial, word by word."""
    import pycrfsuite

    cut = [[sentence.words for sentence in sentences(text)] for text in whole]
    trainer = pycrfsuite.Trainer(algorithm="pa", params={"max_iterations": 5}, verbose=False)
    for article in cut:
        for words, labels in zip(article, MODELS.tagger.labels(article), strict=True):
            trainer.append(templates(words), [LABELS[label] for label in labels])
    with tempfile.NamedTemporaryFile() as model:
        trainer.train(model.name)
        tagger = pycrfsuite.Tagger()
        tagger.open(model.name)
    return lambda at: [tagger.tag(templates(sentence.words)) for sentence in sentences(whole[at])]


def templates(words: list[str]) -> list[list[str]]:
    """The features of each word: itself, its ends and shape, and those of its neighbours."""
    padded = ["", "", *words, "", ""]
    return [
        [
            "bias",
            f"word={word}",
            *(f"begins={word[:length]}" for length in (1, 2, 3)),
            *(f"ends={word[-length:]}" for length in (1, 2, 3)),
            f"digit={word.isdigit()}",
            f"length={len(word)}",
            *(f"{at - 2}:word={padded[i + at]}" for at in (0, 1, 3, 4)),
            f"-1:ends={padded[i + 1][-3:]}",
            f"+1:begins={padded[i + 3][:3]}",
            f"-1:pair={padded[i + 1]} {word}",
            f"+1:pair={word} {padded[i + 3]}",
        ]
        for i, word in enumerate(words)
    ]


def beside_dateparser(texts: list[str], ours_ms: float) -> None:
    """dateparser on the same texts; imported last, so that the memory above is without it."""
    begin = time.process_time()
    from dateparser.search import search_dates

    search_dates(texts[0][:100], languages=["ar"])
    ready = time.process_time() - begin
    ms = best_ms(lambda at: search_dates(texts[at], languages=["ar"]), len(texts), runs=2)
    ratio = f"{ms / ours_ms:8.0f} times dates, ready in {ready:.2f} s"
    print(f"{'dateparser search_dates':28}{ms:9.3f} ms{ratio}")


def line_of(path: Path) -> bytes:
    title, _, text = path.read_text(encoding="utf-8").partition("\n")
    article = {"id": path.stem, "title": title, "text": text, "published_at": "2020-11-25"}
    return json.dumps(article, ensure_ascii=False).encode()


def best_ms(step: Callable[[int], object], count: int, runs: int = RUNS) -> float:
    best = float("inf")
    for _ in range(runs):
        begin = time.process_time()
        for at in range(count):
            step(at)
        best = min(best, time.process_time() - begin)
    return best / count * 1000


def whole_command(lines: list[bytes]) -> None:
    given = b"\n".join(lines * (ARTICLES_THROUGH_THE_COMMAND // len(lines)))
    begin = time.perf_counter()
    command = [sys.executable, "-m", "services.cli", "annotate"]
    answer = subprocess.run(command, input=given, capture_output=True, check=True)
    seconds = time.perf_counter() - begin
    count = answer.stdout.count(b"\n")
    print(f"{'rasid annotate':28}{seconds:9.2f} s {count / seconds:12.0f} /s ({count} articles)")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
