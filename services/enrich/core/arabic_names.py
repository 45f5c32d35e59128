"""Everybody and everything that an Arabic article names, known or not."""

from typing import NamedTuple

from services.contract.articles import Entity
from services.enrich.core.entities import Sighting, comparable_article, sighted
from services.enrich.core.known import Names
from services.enrich.core.named import find_named
from services.enrich.core.normalise import Normalised
from services.enrich.core.patterns import Patterns
from services.enrich.core.settle import settle
from services.enrich.core.tagger import Tagger
from services.enrich.core.unknown import name_unknown, tagged_spans


class Named(NamedTuple):
    """What an article names: what is ``known``, and what is not.

    ``spoken_of`` are the known ones with those that are part of another name: they tell where an
    article is at home.
    """

    known: tuple[Sighting, ...]
    unknown: tuple[Entity, ...]
    spoken_of: tuple[Sighting, ...]


def name_arabic(
    original: str,
    text: Normalised,
    title: Normalised,
    names: Names,
    tagger: Tagger,
    patterns: Patterns,
) -> Named:
    """Return what ``title`` and ``text`` name; ``text`` is the normalised ``original``."""
    whole = comparable_article(title, text)
    begin = len(title.text) + 1
    found = find_named(whole, names)
    tags = tagged_spans(whole, tagger.tag(whole), patterns)

    tells_on_apart = "ى" in original  # else على itself is written علي

    def means_on(at: int) -> bool:
        last = at - begin + len("عل")
        return at < begin or not tells_on_apart or original[text.origin(last)] == "ى"

    settled = settle(whole, found, tags, patterns, names.context, means_on)
    known = sighted(original, text, begin, settled.known)
    spoken_of = known
    if settled.within:
        spoken_of = sighted(
            original,
            text,
            begin,
            sorted([*settled.known, *settled.within], key=lambda one: one.start),
        )
    return Named(known, name_unknown(original, text, begin, settled.others), spoken_of)
