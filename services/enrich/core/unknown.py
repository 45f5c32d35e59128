"""Names that the knowledge base lacks: found by the tagger and by the words around them.

One entity is one name in one article. There is no id, but a key made of the comparable form, by
which the same name can be counted in many articles: `ids["form"]`, such as `PER:محمد الدرناوي`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from services.contract.articles import MAX_FIELD_CHARS, Entity, EntityType, Mention
from services.enrich.core.entities import Sighting, salience
from services.enrich.core.known import comparable
from services.enrich.core.latin.runs import Taken
from services.enrich.core.latin.tagger import tag_latin
from services.enrich.core.latin.vocabulary import Vocabulary, fold
from services.enrich.core.normalise import Normalised
from services.enrich.core.patterns import LONGEST_NAME, Patterns, Span
from services.enrich.core.surnames import Other
from services.enrich.core.tagger import TaggedName

_NO_NAMES = frozenset({"كورونا", "كوفيد", "الله"})
"""What the texts that the tagger learned from do not have, or have as a name, and is none."""
_ILLS = frozenset({"فيروس", "مرض", "حمي", "وباء", "جايحه", "متحور", "اعصار"})
"""A name of several words that begins with one of these names an illness or a storm."""
_PARTICLES = frozenset("وبلكف")


class Key(NamedTuple):
    """What tells names apart."""

    type: EntityType
    form: str


def tagged_spans(text: str, tags: Iterable[TaggedName], patterns: Patterns) -> Iterator[Span]:
    """Yield what is tagged in the comparable ``text`` and is a name in Arabic letters.

    That of a person wins over a shorter known one where it begins with a given name: عائشة القذافي.
    """
    words = patterns.words
    for start, end, type_ in tags:
        form = text[start:end]
        first, _, rest = form.partition(" ")
        if not "\u0621" <= form[0] <= "\u064a" or len(form) == 1 or _is_nobody(form, first):
            continue
        if type_ == "LOC" and rest and first in words.kinds_of_places:
            start, form = start + len(first) + 1, rest
            first, _, rest = form.partition(" ")
        while type_ == "PER" and rest and first in words.titles and first not in words.given:
            start, form = start + len(first) + 1, rest
            first, _, rest = form.partition(" ")
        if not rest and patterns.is_verb(first):
            continue
        if not rest and (first in patterns.no_names or _is_nationality(first, type_, patterns)):
            continue
        given = first in words.given or first in words.given_or_word
        yield Span(start, end, type_, end, wins=type_ == "PER" and bool(rest) and given)


def name_unknown(
    original: str, text: Normalised, begin: int, others: Iterable[Other]
) -> tuple[Entity, ...]:
    """Return what the text names besides the known entities, in the order of the text.

    ``text`` is the normalised ``original``, into which the mentions' offsets point; offsets of
    ``others`` are those of the comparable text, in which it begins at ``begin``.
    """
    titled: set[Key] = set()
    mentions: dict[Key, list[Mention]] = {}
    for span, form in others:
        key = Key(span.type, form)
        if span.start < begin:
            titled.add(key)
            continue
        start, end = text.origin(span.start - begin), text.origin(span.end - begin)
        if end - start > MAX_FIELD_CHARS:
            continue
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
        if name.end - name.start > LONGEST_NAME:
            continue
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


def _is_nationality(word: str, type_: EntityType, patterns: Patterns) -> bool:
    """Say whether what is tagged as a person is whose title stood before it: الجراح التركي."""
    return (
        type_ == "PER"
        and word.startswith("ال")
        and "nation" in patterns.lexicon.marks.get(word, ())
    )


def _is_nobody(form: str, first: str) -> bool:
    """Say whether ``form`` is no name; its ``first`` word may still have a particle."""
    ill = first in _ILLS or (first[0] in _PARTICLES and first[1:] in _ILLS)
    return ill or form in _NO_NAMES
