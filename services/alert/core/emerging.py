"""Which emerging subjects are one affair, and which are told already: those in the same stories."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from services.alert.core.counting import Answer, Body, counted
from services.contract.search_clauses import Clause, any_of

SAME_FROM = 0.5
"""Two subjects are one affair if so much of the rarer one's articles have the other, too."""

Together = Mapping[frozenset[str], int]
"""In how many articles a subject is, and in how many each two of them are."""


def together_in(queries: Mapping[str, Clause], since: datetime, until: datetime) -> Body:
    """Return the search for how often each two of ``queries``, by their ids, are in one article."""
    return {
        "size": 0,
        "track_total_hits": False,
        "query": counted(any_of(list(queries.values())), since, until),
        "aggs": {"together": {"adjacency_matrix": {"filters": queries}}},
    }


def read_together(answer: Answer) -> Together:
    """Return what ``together_in`` was answered."""
    buckets = answer["aggregations"]["together"]["buckets"]
    return {frozenset(bucket["key"].split("&")): bucket["doc_count"] for bucket in buckets}


def affairs(
    strongest_first: Sequence[str], told: Collection[str], together: Together
) -> dict[str, list[str]]:
    """Return the subject that names each new affair, and the others of it.

    What is one affair with a subject or watch of ``told`` is left out.
    """
    found: dict[str, list[str]] = {}
    for one in strongest_first:
        if any(_same(one, other, together) for other in told):
            continue
        name = next((other for other in found if _same(one, other, together)), None)
        if name is None:
            found[one] = []
        else:
            found[name].append(one)
    return found


def _same(one: str, other: str, together: Together) -> bool:
    rarer = min(together.get(frozenset({subject}), 0) for subject in (one, other))
    return together.get(frozenset({one, other}), 0) >= max(SAME_FROM * rarer, 1)
