"""Lines of a page that are not its article, and the headlines below them."""

from collections.abc import Container, Iterable

from services.contract.leftovers import (
    is_cried_headline,
    is_headline,
    is_with_headline,
    leftovers,
)


def without_boilerplate(lines: Iterable[str], links: Container[str] = ()) -> list[str]:
    """Return the lines that are the article. ``links`` are the lines that are links and no more.

    A heading of related stories ends it, unless more prose follows than came before: such a box
    stands at the top. Below every other heading the headlines that follow are dropped; where one
    stands on the line of "read also" only that line is.
    """
    every = list(lines)
    kinds = leftovers(every)
    kept: list[str] = []
    below: int | None = None  # a heading: headlines so far
    for number, (line, kind) in enumerate(zip(every, kinds, strict=True)):
        if kind == "share":
            continue
        if kind:
            if kind == "related" and _prose_chars(every[number + 1 :]) <= sum(map(len, kept)):
                break
            below = 0
        elif below is not None and (
            is_headline(line) or line in links or (below == 0 and is_cried_headline(line))
        ):
            below += 1
        elif not is_with_headline(line):
            below = None
            kept.append(line)
    return kept


def _prose_chars(lines: Iterable[str]) -> int:
    return sum(len(line) for line in lines if not is_headline(line))
