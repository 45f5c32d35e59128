"""How fast ingest is beside bare libraries, and what 5,000 sources cost: ``make bench-ingest``.

One table of three benchmarks, each in a process of its own, whose first lines say what they
measure. The last one takes 11 minutes, the whole less than 15.
"""

import subprocess
import sys
from pathlib import Path

from benchmarks.table import head

PARTS = ("polls", "articles", "schedule")

head()
for part in PARTS:
    script = Path(__file__).with_name(f"bench_ingest_{part}.py")
    subprocess.run([sys.executable, script], check=True)
