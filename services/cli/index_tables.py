"""The table of ``rasid index verify``."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.index.core.verify import Verified

_NAMED = 10


def show_verified(console: Console, verified: Verified) -> None:
    """Print a line a day and source, what is not compared, and the first ids of what is wrong."""
    table = Table(box=None, pad_edge=False)
    for name in ("day UTC", "source"):
        table.add_column(name)
    for name in ("Kafka", "index", "missing", "older", "stray"):
        table.add_column(name, justify="right")
    for row in verified.rows:
        wrong = [Text(f"{n:,}", "red") if n else "" for n in (row.missing, row.older, row.stray)]
        table.add_row(str(row.day), row.source, f"{row.kafka:,}", f"{row.index:,}", *wrong)
    console.print(table)
    console.print(
        f"Not compared: {verified.pending:,} that index has still to write, {verified.dead:,} dead "
        f"letters, {verified.forgotten:,} from before what Kafka keeps."
    )
    for name in ("missing", "older", "stray", "lost"):
        if ids := getattr(verified, name):
            more = f" and {len(ids) - _NAMED:,} more" if len(ids) > _NAMED else ""
            console.print(f"{name}: {', '.join(ids[:_NAMED])}{more}", soft_wrap=True)
    if verified.is_good:
        console.print("The index holds what Kafka does.")
