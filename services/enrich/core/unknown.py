"""Names that the knowledge base lacks: found by the tagger where nothing known is named.

One entity is one name in one article; a surname alone («الدرناوي») is whoever bore it before
(«محمد الدرناوي»). There is no id, but a key made of the comparable form, by which the same name can
be counted in many articles: `ids["form"]`, such as `PER:محمد الدرناوي`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from services.contract.articles import Entity, EntityType, Mention
from services.enrich.core.entities import Sighting, overlaps, salience
from services.enrich.core.known import comparable
from services.enrich.core.latin.runs import Taken
from services.enrich.core.latin.tagger import tag_latin
from services.enrich.core.latin.vocabulary import Vocabulary, fold
from services.enrich.core.normalise import Normalised
from services.enrich.core.tagger import TaggedName, Tagger

_LANGUAGE = "ar"
_NO_NAMES = frozenset({"كورونا", "كوفيد", "الله"})
"""What the texts that the tagger learned from do not have, or have as a name, and is none."""
_ILLS = frozenset({"فيروس", "مرض", "حمي", "وباء", "جايحه", "متحور", "اعصار"})
"""A name of several words that begins with one of these names an illness or a storm."""
_PARTICLES = frozenset("وبلكف")


class Key(NamedTuple):
    """What tells names apart."""

    type: EntityType
    form: str


def name_unknown(
    original: str,
    text: Normalised,
    title: Normalised,
    language: str,
    tagger: Tagger,
    known: Iterable[Sighting],
) -> tuple[Entity, ...]:
    """Return whom and what an Arabic text names besides the ``known``, in the order of the text.

    ``text`` is the normalised ``original``, into which the mentions' offsets point.
    """
    if language != _LANGUAGE:
        return ()
    begin = len(title.text) + 1
    whole = f"{title.text}\n{text.text}"
    taken = sorted((at.start, at.end) for sighting in known for at in sighting.mentions)
    titled: set[Key] = set()
    mentions: dict[Key, list[Mention]] = {}
    for key, name in _with_full_names(whole, tagger.tag(whole)):
        if name.start < begin:
            titled.add(key)
            continue
        start, end = text.origin(name.start - begin), text.origin(name.end - begin)
        if not overlaps(start, end, taken):
            mention = Mention(start=start, end=end, text=original[start:end])
            mentions.setdefault(key, []).append(mention)
    return _entities(mentions, titled, len(original))


def name_unknown_latin(
    text: str, title: str, vocabulary: Vocabulary, known: Iterable[Sighting]
) -> tuple[Entity, ...]:
    """Return whom and what a text in Latin letters names besides the ``known``.

    A mention that covers one of those ``known`` is a longer name, of another.
    """
    taken = sorted(
        (
            Taken(at.start, at.end, sighting.entity)
            for sighting in known
            for at in sighting.mentions
        ),
        key=lambda one: one.start,
    )
    mentions: dict[Key, list[Mention]] = {}
    for name in tag_latin(text, vocabulary, taken):
        mention = Mention(start=name.start, end=name.end, text=text[name.start : name.end])
        mentions.setdefault(Key(name.type, name.form), []).append(mention)
    heading = fold(comparable(title))
    titled = {key for key in mentions if key.form in heading}
    return _entities(mentions, titled, len(text))


def _entities(
    mentions: Mapping[Key, list[Mention]], titled: set[Key], length: int
) -> tuple[Entity, ...]:
    return tuple(
        Entity(
            id=None,
            type=key.type,
            name=max((mention.text for mention in found), key=len),
            ids={"form": f"{key.type}:{key.form}"},
            mentions=tuple(found),
            salience=salience(key in titled, found, length),
        )
        for key, found in mentions.items()
    )


def _with_full_names(whole: str, names: Iterable[TaggedName]) -> Iterator[tuple[Key, TaggedName]]:
    """Yield each name with its key: a surname with that of its latest bearer."""
    bearers: dict[str, str] = {}
    for name in names:
        form = whole[name.start : name.end]
        if not "\u0621" <= form[0] <= "\u064a" or len(form) == 1 or _is_nobody(form):
            continue
        if name.type == "PER":
            *given, surname = form.split()
            if given:
                bearers[surname] = form
            else:
                form = bearers.get(surname, form)
        yield Key(name.type, form), name


def _is_nobody(form: str) -> bool:
    """Say whether ``form`` is no name; its first word may still have a particle."""
    first = form.partition(" ")[0]
    ill = first in _ILLS or (first[0] in _PARTICLES and first[1:] in _ILLS)
    return ill or form in _NO_NAMES
