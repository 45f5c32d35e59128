"""``rasid index migrate``: from the index of one mapping to that of the next, both being filled.

Each mapping has an index and a consumer group of its own. So the services of the old build go on
writing to the old index, until they are stopped, and this one (or services of the new build)
fills the new index from Kafka beside them. What the old group had settled before is copied.

Nothing is noted down: where the alias leads to says whether the migration is done, and each step
can be repeated. Killed at any moment and run again it ends as if it had not been killed:

1. *position*: the new group begins where the old one is. What it is past is in the old index.
2. *create*: the new index. From now on services of the new build can start.
3. *copy*: each document with its version, so that what is there of the same fetch or newer stays.
4. *catch up*: until the new group has settled all that Kafka had when the copy was done.
5. *compare*: no fewer documents; a sample of them there, as new, and found by its titles.
6. *swap*: the alias, in one step.
"""

import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle

from elasticsearch import Elasticsearch

from services.contract.topics import dead_letters
from services.index.compare import Sample, compare, take_sample
from services.index.config import IndexSettings, alias
from services.index.core.copy import copied
from services.index.core.prepare import Ready
from services.index.core.settle import Outcome, Verdict
from services.index.edges.documents import read_documents, refreshed_count
from services.index.edges.elasticsearch import MAPPING, VERSION, load_definition, send_bulk
from services.index.edges.indices import (
    Found,
    create_index,
    find_indices,
    index_name,
    lead_to,
    own_index,
    write_alias,
)
from services.index.edges.kafka import EnrichedArticles
from services.index.edges.positions import Offsets, begin_at, committed, ends
from services.index.lanes import Lane
from services.index.pipeline import Index
from services.index.stories import stories_of
from services.index.write import Writer
from services.runtime.dead_letters import DeadLetterProducer
from services.runtime.health import Health

_STALLED_S = 120.0
_LOOK_EVERY_S = 0.5

Report = Callable[[str], None]


class MigrationError(Exception):
    """The migration cannot go on; the message says why. The alias leads where it led before."""


@dataclass(frozen=True, slots=True)
class Migration:
    """What a migration needs; ``report`` is told what is being done."""

    settings: IndexSettings
    client: Elasticsearch
    report: Report

    def run(self) -> None:
        """Let the alias lead to an index of this build's mapping that lacks nothing.

        Raises MigrationError and ConfigurationError, SourceError, and elasticsearch's own errors.
        """
        name = alias(self.settings)
        found = find_indices(self.client, name)
        own = own_index(self.client, name, found)
        old = next((index for index in found if index.is_searched), None)
        if own and own.is_searched:
            self.report(f"{name} leads to {own.name} already: nothing to do")
            return
        if old is None:
            self.begin(own)
            return
        self.check_older(old)
        self.position(old)
        self.create(own)
        with self.following_kafka() as following:
            self.copy(old)
            sample = take_sample(self.client, old.name)
            self.catch_up(following)
            self.compare(sample, old)
            self.swap(old)

    def begin(self, own: Found | None) -> None:
        """Make the first index, or have it searched if it was made before."""
        name = alias(self.settings)
        if own:
            lead_to(self.client, name, None, own.name)
        else:
            create_index(self.client, name, searched=True)
        self.report(f"{name} leads to {index_name(name)}, the first index")

    def check_older(self, old: Found) -> None:
        """Raise MigrationError unless ``old`` has a mapping of Rasid that is older than ours."""
        if old.number < 0:
            raise MigrationError(f"{old.name} was not made by Rasid.")
        if old.number > int(VERSION.removeprefix("v")):
            raise MigrationError(
                f"{old.name} has the newer mapping {old.mapping}: use the build that writes it, or "
                f"go back to {MAPPING} with rasid index migrate --rollback."
            )

    def position(self, old: Found) -> None:
        """Let the group of this mapping begin where that of ``old`` is, unless it has begun."""
        if committed(self.settings, VERSION):
            self.report("position: as it was left by an earlier run")
            return
        begun = committed(self.settings, f"v{old.number}")
        if begun:
            begin_at(self.settings, VERSION, begun)
        self.report(f"position: {sum(begun.values()):,} messages are in {old.name}")

    def create(self, own: Found | None) -> None:
        """Make the index, which nobody searches yet."""
        name = alias(self.settings)
        self.report(f"create: {index_name(name)}" + (", there already" if own else ""))
        if own is None:
            create_index(self.client, name, searched=False)

    @contextmanager
    def following_kafka(self) -> Iterator[threading.Thread]:
        """Write new articles to the new index meanwhile, as a service of this build would."""
        stop = threading.Event()
        source = EnrichedArticles(self.settings)
        letters = DeadLetterProducer(self.settings, dead_letters("index"))
        writer = self.writer(stop)
        index = Index(
            source,
            writer,
            letters,
            writer.health,
            stop,
            self.settings.connections,
            stories_of(self.client, alias(self.settings)).join,
        )
        following = threading.Thread(target=index.run, name="follow", daemon=True)
        following.start()
        try:
            yield following
        finally:
            stop.set()
            following.join()
            source.close()
            letters.close()

    def copy(self, old: Found) -> None:
        """Write all documents of ``old`` that the new index has not, or not as new."""
        total = refreshed_count(self.client, old.name)
        self.report(f"copy: {total:,} documents from {old.name}")
        fields = load_definition()["mappings"]["properties"]
        stories = stories_of(self.client, alias(self.settings))
        writer = self.writer(threading.Event())
        lanes = [Lane(f"copy-{number}") for number in range(self.settings.connections)]
        pending: deque[tuple[list[Ready], Future[dict[int, Outcome]]]] = deque()
        verdicts: Counter[Verdict] = Counter()
        for lane, page in zip(cycle(lanes), read_documents(self.client, old.name), strict=False):
            if len(pending) == len(lanes):
                verdicts += _taken(*pending.popleft())
            documents = stories.join([copied(*document, fields) for document in page])
            pending.append((documents, lane.begin(writer.write, documents)))
        while pending:
            verdicts += _taken(*pending.popleft())
        self.report(
            f"copy: {verdicts[Verdict.INDEXED]:,} written, "
            f"{verdicts[Verdict.STALE]:,} there already, as new"
        )

    def catch_up(self, following: threading.Thread) -> None:
        """Return when the new group has settled all that Kafka has at this moment."""
        goal = ends(self.settings)
        self.report("catch up: with all that is in Kafka")
        least, moved_at = None, time.monotonic()
        while behind := _behind(goal, committed(self.settings, VERSION)):
            if least is None or behind < least:
                self.report(f"catch up: {behind:,} messages behind")
                least, moved_at = behind, time.monotonic()
            if not following.is_alive() or time.monotonic() - moved_at > _STALLED_S:
                raise MigrationError(f"{behind:,} messages in Kafka are not written.")
            time.sleep(_LOOK_EVERY_S)

    def compare(self, sample: Sample, old: Found) -> None:
        """Raise MigrationError if the new index lacks something, or does not find it."""
        new = index_name(alias(self.settings))
        comparison = compare(self.client, sample, old.name, new)
        self.report(f"compare: {comparison.figures}")
        if comparison.problems:
            problems = "\n  ".join(comparison.problems)
            raise MigrationError(f"{new} is not as good as {old.name}:\n  {problems}")

    def swap(self, old: Found) -> None:
        """Let the alias lead to the new index."""
        name = alias(self.settings)
        new = index_name(name)
        self.report(f"swap: {name} from {old.name} to {new}")
        lead_to(self.client, name, old.name, new)
        self.report(
            f"{name} leads to {new}. Start index of this build, stop that of the other. "
            f"{old.name} is kept for rasid index migrate --rollback; delete it when you are sure."
        )

    def writer(self, stop: threading.Event) -> Writer:
        """Return what writes to the new index."""
        name = write_alias(alias(self.settings))
        return Writer(
            send=lambda body: send_bulk(self.client, name, body),
            health=Health(_STALLED_S),
            stop=stop,
            random=random.random,
            max_bytes=self.settings.batch_bytes,
        )


def roll_back(settings: IndexSettings, client: Elasticsearch, report: Report) -> None:
    """Let the alias lead to the index of the mapping before.

    Raises MigrationError if there is none, ConfigurationError, and elasticsearch's own errors.
    """
    name = alias(settings)
    found = [index for index in find_indices(client, name) if index.number >= 0]
    current = next((index for index in found if index.is_searched), None)
    older = [index for index in found if current and index.number < current.number]
    if current is None or not older:
        raise MigrationError(f"Behind {name} there is no index of an older mapping to go back to.")
    lead_to(client, name, current.name, older[-1].name)
    report(
        f"{name} leads to {older[-1].name}. Start index of the build that writes "
        f"{older[-1].mapping}: it goes on in Kafka where it was stopped."
    )


def _behind(goal: Offsets, reached: Offsets) -> int:
    return sum(max(0, end - reached.get(partition, 0)) for partition, end in goal.items())


def _taken(documents: list[Ready], written: Future[dict[int, Outcome]]) -> Counter[Verdict]:
    """Return the verdicts; raises MigrationError if the new index refuses a document."""
    outcomes = written.result()
    for number, outcome in outcomes.items():
        if outcome.verdict is Verdict.DEAD:
            article_id = documents[number].article_id
            raise MigrationError(f"Article {article_id} does not fit {MAPPING}: {outcome.error}")
    return Counter(outcome.verdict for outcome in outcomes.values())
