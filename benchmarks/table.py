"""Contenders that take turns, and the table of what came of it.

A machine is seldom quiet, and its speed varies: so contenders run one after the other in every
round, and what counts is the median of the rounds' ratios to the first of them. That of processor
time (``by CPU``) says the most where others work on the machine, too.
"""

import statistics
import time
from collections.abc import Awaitable, Callable, Sequence

Round = Callable[[], Awaitable[None]]


def head() -> None:
    line("", "figure", "CPU", "ratio", "by CPU", "must be")


def line(
    name: str, figure: str = "", cpu: str = "", ratio: str = "", by_cpu: str = "", must: str = ""
) -> None:
    text = f"{name:<42}{figure:>10}{cpu:>12}{ratio:>8}{by_cpu:>8}   {must}"
    print(text.rstrip(), flush=True)


async def measure(contenders: dict[str, Round], count: int, rounds: int, must: str) -> None:
    """Print a line for each contender; a round of each does ``count`` of the same things."""
    wall: dict[str, list[float]] = {name: [] for name in contenders}
    processor: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, once in contenders.items():
            started, used = time.perf_counter(), time.process_time()
            await once()
            wall[name].append(time.perf_counter() - started)
            processor[name].append(time.process_time() - used)
    base, *_, last = contenders
    for name in contenders:
        line(
            f"  {name}",
            f"{count / statistics.median(wall[name]):,.0f}/s",
            f"{statistics.median(processor[name]) / count * 1e6:,.0f} us",
            f"{_ratio(wall[base], wall[name]):.2f}",
            f"{_ratio(processor[base], processor[name]):.2f}",
            must if name == last else "",
        )


def _ratio(base: Sequence[float], others: Sequence[float]) -> float:
    return statistics.median(one / other for one, other in zip(base, others, strict=True))
