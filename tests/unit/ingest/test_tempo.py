"""An import goes at its rate and waits for the services, without making up for it."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from services.ingest.tempo import LOOK_EVERY_S, MAX_WAITING, Tempo

RATE = 20


class Time:
    """A clock that only pauses move, and which remembers when articles went out."""

    def __init__(self) -> None:
        self.now = 100.0
        self.sent: list[float] = []

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def send(self, articles: int, waiting: Callable[[], int]) -> None:
        tempo = Tempo(RATE, waiting, lambda: self.now, self.pause)
        for _ in range(articles):
            tempo.wait(1)
            self.sent.append(self.now)

    def most_in_a_second(self) -> int:
        return max(sum(at <= other < at + 0.999 for other in self.sent) for at in self.sent)


def nobody_waits() -> int:
    return 0


def test_it_keeps_to_its_rate() -> None:
    time = Time()
    time.send(100, nobody_waits)
    assert time.most_in_a_second() == RATE
    assert 4.8 < time.sent[-1] - time.sent[0] < 5


def test_it_waits_while_much_waits_for_a_service() -> None:
    waiting: Iterator[int] = iter([MAX_WAITING, MAX_WAITING + 1, MAX_WAITING + 1, 0, *[0] * 100])
    time = Time()
    time.send(50, lambda: next(waiting))
    gaps = [later - earlier for earlier, later in pairwise(time.sent)]
    assert max(gaps) >= 2 * LOOK_EVERY_S
    # What was missed is not made up for.
    assert time.most_in_a_second() <= RATE


def test_it_does_not_ask_before_every_article() -> None:
    asked: list[int] = []

    def waiting() -> int:
        asked.append(1)
        return 0

    Time().send(100, waiting)
    assert len(asked) <= 5 / LOOK_EVERY_S + 1
