"""A small Elasticsearch that answers bulk requests as a bad day would, from a seed.

It keeps documents with external versions, speaks enough of the index API for the index service to
start, and on request misbehaves: items with 429, 503 or 500, or with 400, 413 or 500 for ever,
whole requests refused, connections reset before or after the writing, answers cut in the middle,
silence.
"""

import json
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOO_MUCH_AT_ONCE = 8
"""More documents than these in a request can make the whole request too large."""


@dataclass(frozen=True)
class Faults:
    """The share of items and of requests that go wrong, 0 to 1, and documents never taken.

    ``refused`` says with which status. ``hangs`` is the share of requests without any answer.
    """

    items: float = 0.0
    requests: float = 0.0
    hangs: float = 0.0
    refused: Mapping[str, int] = field(default_factory=dict)
    silent: bool = False


class FakeElasticsearch:
    """Serves until ``stop``; ``documents`` maps each _id to (version, document)."""

    def __init__(self, port: int = 0, seed: int = 0, faults: Faults | None = None) -> None:
        self.documents: dict[str, tuple[int, dict[str, Any]]] = {}
        self.answers: Counter[int | str] = Counter()
        self.requests = 0
        self.index: dict[str, Any] = {}
        self.faults = faults or Faults()
        self.random = random.Random(seed)
        self.stopped = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def way_to_go_wrong(self) -> str | None:
        """Return what is to happen to the connection; None: an answer, be it a bad one."""
        if self.random.random() < self.faults.hangs:
            way = "hang"
        elif self.random.random() < self.faults.requests / 2:
            way = self.random.choice(["cut", "reset", "reset after writing"])
        else:
            return None
        self.answers[way] += 1
        return way

    def bulk(self, body: bytes) -> tuple[int, dict[str, Any]]:
        """Return status and body of the answer to a bulk request."""
        lines = body.splitlines()
        actions = [json.loads(line)["index"] for line in lines[::2]]
        documents = [json.loads(line) for line in lines[1::2]]
        if self.random.random() < self.faults.requests:
            refusals = [429, 503, *([413, 400] if len(actions) > TOO_MUCH_AT_ONCE else [])]
            status = self.random.choice(refusals)
            self.answers[f"request {status}"] += 1
            return status, _error(status)
        items = [self._item(*pair) for pair in zip(actions, documents, strict=True)]
        self.answers.update(item["index"]["status"] for item in items)
        return 200, {"errors": any("error" in item["index"] for item in items), "items": items}

    def _item(self, action: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
        article_id, version = action["_id"], action["version"]
        if self.random.random() < self.faults.items:
            return _item(self.random.choice([429, 503, 500]))
        if article_id in self.faults.refused:
            return _item(self.faults.refused[article_id])
        if article_id in self.documents and self.documents[article_id][0] > version:
            return _item(409)
        created = article_id not in self.documents
        self.documents[article_id] = (version, document)
        return _item(201 if created else 200)


def _item(status: int) -> dict[str, Any]:
    return {"index": {"status": status} | (_error(status) if status >= 400 else {})}


def _error(status: int) -> dict[str, Any]:
    return {"error": {"type": f"fault_{status}", "reason": "a bad day"}, "status": status}


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def answer(self, status: int, answer: dict[str, Any]) -> None:
        data = json.dumps(answer).encode()
        self._head(status, len(data))
        self.wfile.write(data)

    def break_off(self, answer: dict[str, Any]) -> None:
        """Close the connection in the middle of an answer whose writes did happen."""
        data = json.dumps(answer).encode()
        self._head(200, len(data))
        self.wfile.write(data[: len(data) // 2])
        self.close_connection = True

    def reset(self) -> None:
        """End the connection as a crash does: with a reset in place of an answer."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _head(self, status: int, size: int) -> None:
        self.send_response(status)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(size))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def _handler(fake: FakeElasticsearch) -> type[BaseHTTPRequestHandler]:
    lock = threading.Lock()

    class Handler(_Answering):
        def do_GET(self) -> None:
            self.answer(200, fake.index)

        def do_PUT(self) -> None:
            fake.index[self.path.strip("/")] = json.loads(self.body())
            self.answer(200, {"acknowledged": True})

        def do_POST(self) -> None:
            body = self.body()
            if fake.faults.silent:
                fake.stopped.wait(60)
            if fake.stopped.is_set():  # a connection that is kept alive outlives the server
                self.close_connection = True
                return
            with lock:
                fake.requests += 1
                way = fake.way_to_go_wrong()
                status, answer = (0, {}) if way == "reset" else fake.bulk(body)
            match way:
                case None:
                    self.answer(status, answer)
                case "cut":
                    self.break_off(answer)
                case "hang":
                    fake.stopped.wait(5)
                case _:
                    self.reset()

    return Handler
