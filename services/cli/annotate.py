"""``rasid annotate``: what enrich finds, without Kafka."""

import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

from services.enrich.annotation import MAX_LINE_BYTES, annotate
from services.enrich.edges.models import load_models


def annotate_command() -> None:
    """Read articles as JSON lines from standard input, write what is found in each, in order.

    A line is {"id", "title", "text", "published_at", "source_id", "language_hint"}, all but "text"
    optional; one line is answered for each, with "error" and "line" for a bad one. UTF-8 both ways.
    """
    models = load_models()
    interactive = sys.stdin.isatty()
    try:
        for number, line in enumerate(_lines(sys.stdin.buffer), start=1):
            sys.stdout.buffer.write(annotate(line, number, models) + b"\n")
            if interactive:
                sys.stdout.buffer.flush()
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # The reader (head) has seen enough; without this Python complains when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines without their ends; of one that is too long no more than shows that it is."""
    while line := stream.readline(MAX_LINE_BYTES + 1):
        rest = line
        while len(rest) > MAX_LINE_BYTES and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE_BYTES + 1)
        yield line.rstrip(b"\r\n")
