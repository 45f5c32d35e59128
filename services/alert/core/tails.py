"""How improbable a count is: the negative binomial, which is a Poisson whose rate is uncertain.

A rate that is known as a Gamma distribution of mean ``mean`` and shape ``shape`` gives counts of
this distribution; the larger the shape, the more certain the rate. Arrays in, arrays of the same
length out; every mean and shape is above 0.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MAX_SHAPE = 1e6
"""A rate of this shape is as good as certain; beyond it the logarithms lose their last digits."""

_SMALLEST = 1e-300
_EXACT = 1e-10
_MOST_TERMS = 2_000


def _log_gamma(numbers: Floats) -> Floats:
    return np.array([math.lgamma(number) for number in numbers])


def probability_of(count: Floats, mean: Floats, shape: Floats) -> Floats:
    """Return P(X = count)."""
    logarithm = (
        _log_gamma(count + shape)
        - _log_gamma(shape)
        - _log_gamma(count + 1)
        + shape * np.log(shape / (shape + mean))
        + count * np.log(mean / (shape + mean))
    )
    probability: Floats = np.maximum(np.exp(logarithm), _SMALLEST)
    return probability


def at_least(count: Floats, mean: Floats, shape: Floats) -> Floats:
    """Return P(X >= count)."""
    tail = np.ones_like(mean)
    some = count > 0
    odds = mean[some] / (mean[some] + shape[some])
    tail[some] = _incomplete_beta(odds, count[some], shape[some])
    return tail


def at_most(count: Floats, mean: Floats, shape: Floats) -> Floats:
    """Return P(X <= count)."""
    return _incomplete_beta(shape / (mean + shape), shape, count + 1)


def _incomplete_beta(x: Floats, a: Floats, b: Floats) -> Floats:
    """Return the regularised incomplete beta function, I_x(a, b)."""
    turned = x > (a + 1) / (a + b + 2)  # where the fraction of the complement converges faster
    x, a, b = np.where(turned, 1 - x, x), np.where(turned, b, a), np.where(turned, a, b)
    logarithm = _log_gamma(a + b) - _log_gamma(a) - _log_gamma(b)
    logarithm += a * np.log(x) + b * np.log1p(-x)
    value = np.clip(np.exp(logarithm) * _fraction(x, a, b) / a, _SMALLEST, 1.0)
    return np.where(turned, 1 - value, value)


def _fraction(x: Floats, a: Floats, b: Floats) -> Floats:
    """Return the continued fraction of I_x(a, b) (DLMF 8.17.22), by Lentz's method."""
    d = 1 / (1 - (a + b) * x / (a + 1))
    c, value = np.ones_like(x), d.copy()
    for m in range(1, _MOST_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        before = value
        for term in (even, odd):
            d, c = 1 / (1 + term * d), 1 + term / c
            value = value * d * c
        if np.all(np.abs(value - before) <= _EXACT * np.abs(value)):
            break
    return value
