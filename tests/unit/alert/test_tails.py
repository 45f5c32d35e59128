"""The tails of counts, against sums of their terms and against values that are known."""

import math

import numpy as np
import pytest

from services.alert.core.tails import MAX_SHAPE, at_least, at_most, probability_of

CASES = [
    *[(3, 0.1, 5), (0, 0.1, 5), (30, 10, 4), (5, 10, 4), (27, 0.03, 0.2)],
    *[(200, 100, 50), (40, 50, 1e3), (1, 1e-6, 1)],
]


def arrays(*numbers: float) -> list[np.ndarray]:
    return [np.array([float(number)]) for number in numbers]


@pytest.mark.parametrize(("count", "mean", "shape"), CASES)
def test_the_tails_are_the_sums_of_their_terms(count: int, mean: float, shape: float) -> None:
    numbers = np.arange(0, 4 * count + 20 * mean + 400)
    terms = probability_of(numbers, np.full(len(numbers), mean), np.full(len(numbers), shape))
    assert terms.sum() == pytest.approx(1)
    assert at_least(*arrays(count, mean, shape))[0] == pytest.approx(terms[count:].sum(), rel=1e-8)
    assert at_most(*arrays(count, mean, shape))[0] == pytest.approx(
        terms[: count + 1].sum(), rel=1e-8
    )


def test_a_rate_that_is_certain_gives_the_tail_of_poisson() -> None:
    poisson = 1 - sum(math.exp(-1) / math.factorial(number) for number in range(3))
    assert at_least(*arrays(3, 1, MAX_SHAPE))[0] == pytest.approx(poisson, rel=1e-5)
    # three times one, which fires a rule of ratios, is nothing rare
    assert poisson > 0.08


def test_a_rate_that_is_uncertain_makes_a_high_count_less_surprising() -> None:
    count, mean = np.full(3, 12.0), np.full(3, 3.0)
    certain, doubtful, hardly_known = at_least(count, mean, np.array([1e4, 10.0, 1.0]))
    assert certain < doubtful < hardly_known


def test_large_counts_neither_overflow_nor_hang() -> None:
    tails = at_least(*arrays(50_000, 20_000, 40)), at_most(*arrays(0, 50_000, MAX_SHAPE))
    assert all(0 < tail[0] < 1e-6 for tail in tails)
