"""What robots.txt allows, by RFC 9309, and for how long that is known."""

from dataclasses import dataclass, replace
from functools import lru_cache

from protego import Protego

from services.ingest.core.answers import WEIGHTS, Answer, Fetched, FetchFailed, NotModified

KEEP_S = 6 * 3600.0
KEEP_ERROR_S = 3600.0
KEEP_STALE_S = 24 * 3600.0
"""How long a file holds, how long the lack of one, and how long a file that nobody confirms."""

MAX_ROBOTS_BYTES = 500 * 1024
"""What is beyond is not read, as the RFC has it."""

MAX_ROBOTS_LINES = 5_000
"""What no honest site has; a hostile one could keep a processor busy for seconds."""

MAX_CRAWL_DELAY_S = 30.0
"""Some sites name hours, meant for crawlers of the whole web: a poll would never end."""


@dataclass(frozen=True, slots=True)
class RobotsFile:
    """What a site answered last: the file, empty if it has none, or why it could not be had.

    It is asked for again after ``fresh_until``; ``read_at`` is when there was a file. Moments are
    seconds of a clock that never goes back.
    """

    content: bytes | FetchFailed
    fresh_until: float
    read_at: float


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """The rules of one site for ``agent``."""

    parsed: Protego
    agent: str
    crawl_delay_s: float

    def allow(self, url: str) -> bool:
        """Return whether we may ask for ``url``."""
        return self.parsed.can_fetch(url, self.agent)


def learn(answer: Answer, before: RobotsFile | None, now: float) -> RobotsFile:
    """Return what is known after ``answer``: no file allows everything, a broken server nothing.

    A server that is out of order for a while does not void the file that it gave before.
    """
    match answer:
        case Fetched():
            return RobotsFile(answer.body[:MAX_ROBOTS_BYTES], now + KEEP_S, now)
        case FetchFailed() if WEIGHTS[answer.reason] == "temporary" or answer.reason == "tls":
            if before and now - before.read_at < KEEP_STALE_S:
                return replace(before, fresh_until=now + KEEP_ERROR_S)
            # A network that was down for a moment must not cost an hour: it is asked again.
            fresh_until = now + KEEP_ERROR_S if answer.reason == "http-5xx" else now
            failed = replace(answer, detail=f"robots.txt: {answer.detail}")
            return RobotsFile(failed, fresh_until, now - KEEP_STALE_S)
        case FetchFailed() | NotModified():
            return RobotsFile(b"", now + KEEP_ERROR_S, now)


@lru_cache(maxsize=16)  # parsed rules take fifty times the memory of their text
def read_robots(content: bytes, agent: str) -> RobotsRules:
    """Return the rules for ``agent`` in a robots.txt. Never raises: what is no rule is no rule."""
    lines = content.decode("utf-8-sig", "replace").splitlines()[:MAX_ROBOTS_LINES]
    parsed = Protego.parse("\n".join(lines))
    delay_s = parsed.crawl_delay(agent) or 0.0
    return RobotsRules(parsed, agent, min(delay_s, MAX_CRAWL_DELAY_S))
