"""What an alert says to people, in Arabic or English: one line, a short form, and the whole of it.

The lines are to be read in a terminal as in a chat: names and titles, of whatever direction, are
isolated from what is around them, addresses and the sparkline have lines of their own, and each
line of an Arabic text begins as one.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.alert.core.incidents import Happening
from services.alert.core.words import WORDS, Language, Words
from services.contract.alerts import Alert, AlertedEntity, AlertedStory, AlertedWatch, Figures

TOP_STORIES = 5
TOP_NAMES = 8

TRIPOLI = ZoneInfo("Africa/Tripoli")
_BLOCKS = "▁▂▃▄▅▆▇█"
_ISOLATE, _END_OF_ISOLATE, _LEFT_TO_RIGHT = "\u2068", "\u2069", "\u200e"


def summary(
    watch: AlertedWatch,
    figures: Figures,
    happening: Happening,
    window: timedelta,
    lasted: timedelta,
    peak: int,
    language: Language,
) -> str:
    """Return an alert in one line: what the watch is, how much was seen, how much expected.

    ``lasted`` and ``peak`` are what is told of an incident that is over.
    """
    words = WORDS[language]
    title = watch.title if language == "ar" else watch.title_en
    if happening == "resolved":
        return f"{title}: {words.over(_span(lasted, words), words.stories.of(peak))}"
    seen = _seen(watch, figures, window, words)
    still = f"{words.still[watch.kind]}{words.comma}" if happening == "escalated" else ""
    return f"{title}: {still}{seen}"


def subject(alert: Alert, language: Language) -> str:
    """Return how grave it is and what the watch is called: a heading, without a line's end."""
    title = alert.watch.title if language == "ar" else alert.watch.title_en
    return _one_line(f"{WORDS[language].severities[alert.watch.severity]}: {title}")


def short_text(alert: Alert, language: Language) -> str:
    """Return an alert in three lines: the summary, the first story, and where it is."""
    words = WORDS[language]
    lines = [words.mark + _summary_of(alert, language)]
    for story in alert.stories[:1]:
        lines += [words.mark + _isolated(story.title), story.url]
    return "\n".join(lines)


def full_text(alert: Alert, language: Language) -> str:
    """Return all that is known of an alert, as plain text of some 15 to 25 lines."""
    words = WORDS[language]
    lines = [
        words.mark + _summary_of(alert, language),
        words.mark + _since(alert, words),
        *_curve(alert),
        *(words.mark + line for line in _reservations(alert.figures, words)),
        *_stories(alert.stories[:TOP_STORIES], words),
        *_names(alert.entities, alert.terms, words, language),
    ]
    return "\n".join(lines)


def text_within(alert: Alert, max_chars: int) -> str:
    """Return the most that fits: all in both languages, all in Arabic, or the short forms.

    The last of these may be longer: then there is nothing shorter to say.
    """
    forms = [
        f"{full_text(alert, 'ar')}\n\n{full_text(alert, 'en')}",
        full_text(alert, "ar"),
        f"{short_text(alert, 'ar')}\n\n{short_text(alert, 'en')}",
        short_text(alert, "ar"),
    ]
    return next((form for form in forms if len(form) <= max_chars), _summary_of(alert, "ar"))


def sparkline(counts: Sequence[int]) -> str:
    """Return a block for each of ``counts``, the highest a full one; nothing for no counts."""
    highest = max(counts, default=0)
    if not highest:
        return _BLOCKS[0] * len(counts)
    return "".join(_BLOCKS[round(count / highest * (len(_BLOCKS) - 1))] for count in counts)


def _summary_of(alert: Alert, language: Language) -> str:
    return _one_line(alert.text if language == "ar" else alert.text_en)


def _seen(watch: AlertedWatch, figures: Figures, window: timedelta, words: Words) -> str:
    usual = words.usual(f"{figures.expected:.1f}".removesuffix(".0"))
    stories, span = words.stories.of(figures.stories), _span(window, words)
    if watch.kind == "drop":
        return words.fall(stories, span, usual)
    if figures.expected >= 0.05:  # below, it is said to be 0
        times = figures.stories / figures.expected
        usual += f" (×{times:.1f})" if times < 10 else f" (×{times:.0f})"
    return words.rise(stories, words.sources.of(figures.sources), span, usual)


def _since(alert: Alert, words: Words) -> str:
    severity = words.severities[alert.watch.severity]
    if alert.ended_at is None:
        lasts = words.since(_moment(alert.began_at))
    else:
        lasts = words.until(_moment(alert.began_at), _moment(alert.ended_at))
    chance = words.chance(f"{alert.figures.false_alerts_per_month:.1g}")
    over = alert.happening == "resolved"
    return words.comma.join([severity, lasts] if over else [severity, lasts, chance])


def _curve(alert: Alert) -> Iterator[str]:
    if alert.sparkline:
        # Oldest first from the left, in a text from the right too: that is how curves are drawn.
        yield _LEFT_TO_RIGHT + sparkline([point.stories for point in alert.sparkline])


def _reservations(figures: Figures, words: Words) -> Iterator[str]:
    if figures.learning:
        yield words.learning
    if figures.degraded:
        yield words.degraded


def _stories(stories: Sequence[AlertedStory], words: Words) -> Iterator[str]:
    if stories:
        yield ""
        yield words.mark + words.stories_head
    for number, story in enumerate(stories, start=1):
        outlet = _isolated(story.source_name or story.source_id)
        facts = [outlet, _moment(story.first_seen_at)]
        if story.articles > 1:
            facts.append(words.articles.of(story.articles))
        yield f"{words.mark}{number}. {_isolated(story.title)}"
        yield f"{words.mark}   {words.comma.join(facts)}"
        yield f"   {story.url}"


def _names(
    entities: Sequence[AlertedEntity], terms: Sequence[str], words: Words, language: Language
) -> Iterator[str]:
    named = [
        f"{_isolated((entity.name_en if language == 'en' else None) or entity.name)}"
        f" ({entity.stories})"
        for entity in entities
    ]
    named += [_isolated(term) for term in terms]
    if named:
        yield ""
        yield f"{words.mark}{words.named} {words.comma.join(named[:TOP_NAMES])}"


def _span(span: timedelta, words: Words) -> str:
    minutes = max(1, round(span.total_seconds() / 60))
    if minutes >= 2 * 24 * 60:
        return words.days.of(round(minutes / (24 * 60)))
    if minutes % 60 == 0 or minutes >= 6 * 60:
        return words.hours.of(round(minutes / 60))
    return words.minutes.of(minutes)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(TRIPOLI):%Y-%m-%d %H:%M}"


def _isolated(name: str) -> str:
    return f"{_ISOLATE}{_one_line(name)}{_END_OF_ISOLATE}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
