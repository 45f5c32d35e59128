"""The optional archive: what was fetched, as WARC files that any web archive's tools read.

A thread writes, so that a poll never waits for the disk unless the disk is slower than the web for
long: then polls wait, and nothing is left out. A disk that fails costs the archive, not the news.
"""

import asyncio
import os
import queue
import socket
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import structlog
from prometheus_client import Counter
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

MAX_WAITING = 16
"""Exchanges that wait for the disk before polls do."""

MAX_FILE_BYTES = 500_000_000
MAX_FILE_AGE_S = 3_600.0
_LOOK_AT_AGE_EVERY_S = 1.0
OPEN = ".open"
"""Suffix of the file that is being written; without it, a file is complete."""

_DECODED = ("content-encoding", "transfer-encoding", "content-length")

RECORDS = Counter(
    "rasid_archive_records", "Exchanges by what became of them: written, failed", ["outcome"]
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer. ``body`` is decompressed, the headers are as they came."""

    url: str
    sent: tuple[tuple[str, str], ...]
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    at: datetime


class Archive:
    """Writes exchanges to files in ``folder``, each file for an hour or 500 MB."""

    def __init__(self, folder: Path, software: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._software = software
        self._waiting: queue.Queue[Exchange | None] = queue.Queue(MAX_WAITING)
        self._file: _WarcFile | None = None
        self._files = 0
        self._thread = threading.Thread(target=self._write_all, name="archive", daemon=True)
        self._thread.start()

    async def keep(self, exchange: Exchange) -> None:
        """Return when ``exchange`` has its place among those to be written."""
        try:
            self._waiting.put_nowait(exchange)
        except queue.Full:
            await asyncio.to_thread(self._waiting.put, exchange)

    def close(self) -> None:
        """Write what waits, and complete the file."""
        self._waiting.put(None)
        self._thread.join()

    def _write_all(self) -> None:
        more = True
        while more:
            try:
                exchange = self._waiting.get(timeout=_LOOK_AT_AGE_EVERY_S)
                more = exchange is not None
            except queue.Empty:
                exchange = None
            try:
                self._write(exchange)
                if self._file is not None and (self._file.is_full() or not more):
                    self._file.complete()
                    self._file = None
            except Exception as error:  # without this thread every poll would wait for it
                RECORDS.labels("failed").inc()
                log.error("not archived", error=repr(error))
                self._file = None  # what it holds is whole but for its end; the next is a new one

    def _write(self, exchange: Exchange | None) -> None:
        if exchange is None:
            return
        if self._file is None:
            self._files += 1
            self._file = _WarcFile(self._folder, self._files, self._software)
        self._file.write(exchange)
        RECORDS.labels("written").inc()


class _WarcFile:
    """One file, each record compressed on its own, so that one can be read without the others."""

    def __init__(self, folder: Path, number: int, software: str) -> None:
        started = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        name = f"rasid-{started}-{socket.gethostname()}-{os.getpid()}-{number:05}.warc.gz"
        self._path = folder / name
        self._stream: BinaryIO = (folder / (name + OPEN)).open("xb")
        self._writer = WARCWriter(self._stream, gzip=True)
        self._opened_at = time.monotonic()
        info = {"software": software, "format": "WARC File Format 1.0"}
        self._writer.write_record(self._writer.create_warcinfo_record(name, info))

    def write(self, exchange: Exchange) -> None:
        date = {"WARC-Date": exchange.at.strftime("%Y-%m-%dT%H:%M:%SZ")}
        kept = [
            (f"X-Archive-Orig-{name}" if name.lower() in _DECODED else name, value)
            for name, value in exchange.headers
        ]
        kept.append(("Content-Length", str(len(exchange.body))))
        response = self._writer.create_warc_record(
            exchange.url,
            "response",
            payload=BytesIO(exchange.body),
            http_headers=StatusAndHeaders(str(exchange.status), kept, protocol="HTTP/1.1"),
            warc_headers_dict=date,
        )
        line = (
            f"GET {urlsplit(exchange.url)._replace(scheme='', netloc='').geturl() or '/'} HTTP/1.1"
        )
        request = self._writer.create_warc_record(
            exchange.url,
            "request",
            http_headers=StatusAndHeaders(line, list(exchange.sent), is_http_request=True),
            warc_headers_dict=date,
        )
        self._writer.write_request_response_pair(request, response)
        self._stream.flush()

    def is_full(self) -> bool:
        age_s = time.monotonic() - self._opened_at
        return self._stream.tell() >= MAX_FILE_BYTES or age_s >= MAX_FILE_AGE_S

    def complete(self) -> None:
        with self._stream:
            os.fsync(self._stream.fileno())
        (self._path.parent / (self._path.name + OPEN)).rename(self._path)
