"""``rasid index migrate`` in a process that a crash ends where the test says: at a word it reports.

``python -m tests.migrating_process <word>``; MID_COPY is no word: some documents are copied then.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from functools import partial

from elasticsearch import Elasticsearch

from services.index import migrate
from services.index.config import IndexSettings
from services.index.edges import kafka
from services.index.edges.documents import Stored, read_documents
from services.runtime.elasticsearch import make_client
from services.runtime.kafka import make_consumer
from services.runtime.settings import load

MID_COPY = "(in the midst of the copy)"
_PAGE = 100  # documents: a copy of several pages, without thousands of documents


def crash() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)  # nothing more happens in this thread


def until_some_are_read(client: Elasticsearch, index: str) -> Iterator[list[Stored]]:
    for number, page in enumerate(read_documents(client, index, page=_PAGE)):
        if number == 3:
            crash()
        yield page


def main(word: str) -> None:
    def report(said: str) -> None:
        if word in said:
            crash()

    if word == MID_COPY:
        migrate.read_documents = until_some_are_read  # type: ignore[assignment]
    # The next process waits for the end of a killed one's session.
    brief = partial(make_consumer, session_timeout_ms=4_000, heartbeat_interval_ms=1_000)
    kafka.make_consumer = brief  # type: ignore[assignment]
    settings = load(IndexSettings, os.environ)
    with make_client(settings) as client:
        migrate.Migration(settings, client, report).run()


if __name__ == "__main__":
    main(sys.argv[1])
