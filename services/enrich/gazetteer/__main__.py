"""``python -m services.enrich.gazetteer FOLDER``: what public sources know.

FOLDER holds the files that `rows.py` names; knowledge/places.jsonl.gz, names.jsonl.gz and
latin/personal_names.txt are made of them, of the same ones the same bytes.
"""

import gzip
import json
import sys
import textwrap
from pathlib import Path

from services.enrich.edges.knowledge import GAZETTEER, KNOWLEDGE, PERSONAL_NAMES
from services.enrich.gazetteer.entries import Entry, entry_of
from services.enrich.gazetteer.merge import merge
from services.enrich.gazetteer.rows import read_personal_names, read_rows


def build(folder: Path) -> dict[str, bytes]:
    """Return the content of each file of the artefact.

    Places are apart: they hold OpenStreetMap data, whose licence is to be kept (NOTICE).
    """
    entries = [entry_of(thing) for thing in merge(read_rows(folder))]
    places = [entry for entry in entries if entry["type"] == "LOC"]
    others = [entry for entry in entries if entry["type"] != "LOC"]
    files = {name: _pack(part) for name, part in zip(GAZETTEER, (places, others), strict=True)}
    names = textwrap.fill(" ".join(read_personal_names(folder)), 100, break_on_hyphens=False)
    return files | {PERSONAL_NAMES: f"{names}\n".encode()}


def _pack(entries: list[Entry]) -> bytes:
    lines = "".join(f"{json.dumps(entry, ensure_ascii=False)}\n" for entry in entries)
    return gzip.compress(lines.encode(), compresslevel=9, mtime=0)


def main() -> None:
    """Write the files."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit(f"{__doc__}")
    for name, content in build(Path(sys.argv[1])).items():
        (KNOWLEDGE / name).write_bytes(content)


if __name__ == "__main__":
    main()
