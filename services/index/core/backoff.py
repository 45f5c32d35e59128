"""How long to wait before the next attempt."""

FIRST_S = 0.1
LONGEST_S = 5.0
"""Short, so that a server that is back is used again within seconds."""


def full_jitter(failures: int, random: float) -> float:
    """Return the seconds to wait after so many ``failures`` in a row (1 or more).

    ``random`` is from 0 to 1. Full jitter spreads the attempts of many clients evenly, see
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/.
    """
    return random * min(LONGEST_S, FIRST_S * 2.0 ** min(failures - 1, 16))
