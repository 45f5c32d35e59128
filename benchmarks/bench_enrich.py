"""How fast enrich is, step by step, on one core: ``python benchmarks/bench_enrich.py FOLDER``.

FOLDER holds articles as text files, first line the title. CPU time, the best of several runs, with
dateparser beside the dates on the same texts; the last line is the whole ``rasid annotate`` with
its start, by the wall clock.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

started = time.perf_counter()
from services.contract.wire import encode  # noqa: E402 - importing is part of what is measured
from services.enrich.annotation import _article, annotate  # noqa: E402
from services.enrich.core.clean import clean, repair  # noqa: E402
from services.enrich.core.dates.mentions import mention_dates  # noqa: E402
from services.enrich.core.entities import sight_entities  # noqa: E402
from services.enrich.core.language import identify_language  # noqa: E402
from services.enrich.core.normalise import normalise  # noqa: E402
from services.enrich.core.relevance import judge_relevance  # noqa: E402
from services.enrich.core.signature import sign  # noqa: E402
from services.enrich.edges.models import load_models  # noqa: E402
from services.enrich.enrichment import enrich  # noqa: E402

imported = time.perf_counter()
MODELS = load_models()
loaded = time.perf_counter()

RUNS = 20
ARTICLES_THROUGH_THE_COMMAND = 2_000
NOW = datetime(2020, 11, 25, 10, tzinfo=UTC)


def main(folder: Path) -> None:
    lines = [line_of(path) for path in sorted(folder.glob("*.txt"))]
    articles = [_article(json.loads(line)) for line in lines]
    texts = [clean(article.text) for article in articles]
    normalised = [normalise(text) for text in texts]
    titles = [normalise(repair(article.title)) for article in articles]
    sightings = [
        sight_entities(*facts, MODELS.names)
        for facts in zip(texts, normalised, titles, strict=True)
    ]
    enriched = [enrich(article, MODELS, NOW, "bench") for article in articles]
    steps: dict[str, Callable[[int], object]] = {
        "clean": lambda at: clean(articles[at].text),
        "normalise": lambda at: normalise(texts[at]),
        "language": lambda at: identify_language(
            articles[at].title, texts[at], None, MODELS.languages
        ),
        "entities": lambda at: sight_entities(texts[at], normalised[at], titles[at], MODELS.names),
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
    characters = sum(map(len, texts)) / len(texts)
    print(f"{len(lines)} articles, {characters:.0f} characters on average")
    print(f"{'import':28}{imported - started:9.2f} s\n{'load models':28}{loaded - imported:9.2f} s")
    for name, step in steps.items():
        ms = best_ms(step, len(lines))
        print(f"{name:28}{ms:9.3f} ms{1000 / ms:12.0f} /s")
    print(f"{'peak memory':28}{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:9.0f} MB")
    beside_dateparser(texts, best_ms(steps["dates"], len(lines)))
    whole_command(lines)


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
