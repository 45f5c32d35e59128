"""How much an article is about Libya, and what says so."""

import re
from collections.abc import Iterable

from services.contract.articles import LibyaRelevance
from services.enrich.core.entities import Sighting

LIBYA = "LY"
CONCERNS_LIBYA = 0.3
"""From here on an article concerns Libya: with Libya in the headline if it has no more than twelve
names of other countries, with Libya named once if it has no more than two."""

_TITLE_WEIGHT = 3
_MOST_PER_ENTITY = 5  # a name repeated twenty times says no more than one repeated five times
_HOME_WEIGHT = 0.5  # a Libyan source that names no place at all speaks of home as likely as not
_FOREIGN_WEIGHT = 0.5  # news of Libya are full of foreign names, foreign news rarely of Libyan ones
_NEUTRAL = 1.0
_REASONS = 5
# ليبي، الليبية، الليبيين…: after normalising, with any particles before. By what all have in them:
# to look for that is much faster.
_LIBYAN = {
    "ليبي": re.compile(r"ليبي(?:ه|ون|ين|ات|تين)?\b"),
    "iby": re.compile(r"[Ll]iby(?:ans?|en|enne|ens|ennes|alı|sch\w*)\b"),
    "ibic": re.compile(r"[Ll]ibic(?:o|a|i|he)\b"),
}


def judge_relevance(
    sightings: Iterable[Sighting], text: str, source_country: str | None
) -> LibyaRelevance:
    """Return the share of Libya in what the article names: 0 none of it, near 1 all of it.

    ``text`` is title and text, normalised.
    """
    weights: dict[str, float] = {}
    foreign = 0.0
    for sighting in sightings:
        count = len(sighting.mentions) + _TITLE_WEIGHT * sighting.in_title
        weight = float(min(count, _MOST_PER_ENTITY))
        if sighting.entity.country == LIBYA:
            weights[f"{sighting.entity.id} ×{count}"] = weight
        elif sighting.entity.country is not None:
            foreign += weight
    if adjectives := sum(len(w.findall(text)) for part, w in _LIBYAN.items() if part in text):
        weights[f"words for Libyan ×{adjectives}"] = float(min(adjectives, _MOST_PER_ENTITY))
    if source_country == LIBYA:
        weights["source of Libya"] = _HOME_WEIGHT
    libyan = sum(weights.values())
    score = libyan / (libyan + _FOREIGN_WEIGHT * foreign + _NEUTRAL)
    if set(weights) == {"source of Libya"} and not foreign:
        score = _HOME_WEIGHT
    reasons = sorted(weights, key=lambda reason: (-weights[reason], reason))[:_REASONS]
    if foreign:
        reasons.append(f"names of other countries ×{foreign:g}")
    return LibyaRelevance(score=round(score, 3), reasons=tuple(reasons))
