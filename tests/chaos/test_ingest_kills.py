"""ingest is killed a hundred times while its source goes on publishing and correcting."""

import random
import time
from collections import Counter, defaultdict

import pytest

from services.contract.articles import RawArticle, SourceState
from services.ingest.core.counts import FIRST_OUTCOMES
from services.ingest.core.sources import Source
from services.ingest.edges.cursors import read_states
from services.runtime.kafka import ensure_topics
from services.runtime.settings import Settings
from tests.local_site import Answer, LocalSite
from tests.polling_process import PollingProcess
from tests.raw_topic import published
from tests.support import eventually

ROUNDS = 100
MOST_REQUESTS = 6
LONGEST_DELAY_S = 0.15
"""A kill comes after a number of requests, and up to so much later: what happens after the last
page is read, the writing, takes less."""

ROUNDS_A_WHOLE_POLL = 8
"""Now and then a process lives through a whole poll. On a slow machine none might ever get so far,
and then what has left the feed in the meantime was never there to be read."""

TEXT = "عقد المجلس البلدي جلسة عادية ناقش فيها أعضاؤه صيانة الطرق قبل موسم الأمطار، الملف رقم"


class Newsroom(LocalSite):
    """A site that lists its last articles and corrects some; ``wordings`` are those of each."""

    def __init__(self, listed: int = 150) -> None:
        super().__init__()
        self._listed = listed
        self.wordings: dict[str, list[str]] = {}

    def publish_next(self) -> None:
        self.wordings[f"{self.url}/news/{len(self.wordings)}"] = []
        self.correct(len(self.wordings) - 1)

    def correct(self, number: int) -> None:
        """Put another wording of an article on its page, and say so in the feed."""
        wordings = self.wordings[f"{self.url}/news/{number}"]
        wordings.append(f"{TEXT} {number}، الصيغة {len(wordings)}.")
        self.publish(number, wordings[-1])
        last = range(max(0, len(self.wordings) - self._listed), len(self.wordings))
        items = "".join(
            f"<item><title>خبر رقم {n} من أخبار البلدية</title><link>{url}</link>"
            f"<guid>{n}</guid><description>{len(self.wordings[url])}</description></item>"
            for n in last
            if (url := f"{self.url}/news/{n}")
        )
        feed = f"<rss><channel>{items}</channel></rss>"
        self.answers["/feed.xml"] = Answer(feed.encode(), headers={"Content-Type": "text/xml"})


@pytest.mark.timeout(600)
def test_a_hundred_kills_lose_nothing_and_repeat_only_what_is_the_same(
    settings: Settings, settings_environ: dict[str, str]
) -> None:
    chance = random.Random(4)
    ensure_topics(settings)
    with Newsroom() as site:
        source = Source(
            id="local", name="موقع محلي", url=f"{site.url}/feed.xml", language="ar", min_gap_s=0
        )
        for number in range(ROUNDS):
            for _ in range(chance.randrange(3)):
                site.publish_next()
            with PollingProcess(source, settings_environ) as process:
                if number % ROUNDS_A_WHOLE_POLL == 0:
                    process.wait_polled(1)
                wait_requests(site, chance.randrange(MOST_REQUESTS))
                site.publish_next()
                site.correct(chance.randrange(max(0, len(site.wordings) - 20), len(site.wordings)))
                wait_requests(site, chance.randrange(MOST_REQUESTS))
                time.sleep(chance.uniform(0, LONGEST_DELAY_S))  # no wait for anything: chance
        with PollingProcess(source, settings_environ) as at_last:
            at_last.wait_polled(3)
        check(published(settings), read_states(settings)["local"], site.wordings)


def wait_requests(site: Newsroom, more: int) -> None:
    """Return when the site was asked ``more`` times more."""
    asked = len(site.requests)
    eventually(lambda: len(site.requests) >= asked + more, every_s=0.005)


def check(articles: list[RawArticle], state: SourceState, wordings: dict[str, list[str]]) -> None:
    """Compare what is on the topic and in the cursor with what the site has shown."""
    versions: dict[tuple[str, int], set[str]] = defaultdict(set)
    for article in articles:
        versions[article.article_id, article.revision].add(article.text)
    assert {len(texts) for texts in versions.values()} == {1}, "two contents under one revision"
    assert len({article.article_id for article in articles}) == len(wordings)
    newest = {article.url: article for article in sorted(articles, key=lambda a: a.revision)}
    assert {url: article.text for url, article in newest.items()} == {
        url: texts[-1] for url, texts in wordings.items()
    }
    totals = Counter(state.totals)
    assert (state.unconfirmed, state.pending) == ({}, {})
    assert totals["published"] == len(wordings)
    assert sum(totals[name] for name in FIRST_OUTCOMES) == len(wordings)
    # A version that was superseded before a kill let it be recorded is on the topic, uncounted.
    uncounted = len(versions) - totals["published"] - totals["revised"]
    assert 0 <= uncounted <= ROUNDS
