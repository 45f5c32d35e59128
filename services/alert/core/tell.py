"""What is told of an incident: the alert, with its reasons, in Arabic and English."""

from services.alert.core.evaluate import Verdict, sparkline
from services.alert.core.evidence import Evidence
from services.alert.core.incidents import Happening, Incident, fingerprint
from services.alert.core.watches import Watch
from services.contract.alerts import Alert, AlertedWatch


def tell(
    watch: Watch, incident: Incident, happening: Happening, verdict: Verdict, evidence: Evidence
) -> Alert:
    """Return what ``happening`` to an ``incident`` says to people."""
    text, text_en = _texts(watch, happening, verdict)
    return Alert(
        alert_id=incident.id,
        fingerprint=fingerprint(watch),
        happening=happening,
        at=verdict.evaluation.at,
        window_s=round(watch.window.total_seconds()),
        began_at=incident.began_at,
        ended_at=incident.ended_at,
        peak=incident.peak,
        watch=AlertedWatch(
            id=watch.id,
            title=watch.title,
            title_en=watch.title_en,
            query=watch.query,
            kind=watch.kind,
            severity=watch.severity,
            labels=watch.labels,
            channels=watch.channels,
        ),
        figures=verdict.figures,
        sparkline=sparkline(verdict, watch, evidence.before or {}),
        stories=evidence.stories,
        entities=evidence.entities,
        terms=evidence.terms,
        text=text,
        text_en=text_en,
    )


def _texts(watch: Watch, happening: Happening, verdict: Verdict) -> tuple[str, str]:
    """Return one sentence in Arabic and one in English."""
    figures = verdict.figures
    expected = f"{figures.expected:.1f}"
    seen = f"{figures.stories} قصة من {figures.sources} مصدر، والمعتاد {expected}"
    seen_en = f"{figures.stories} stories from {figures.sources} sources, {expected} expected"
    what, what_en = {
        ("spike", "fired"): ("ارتفاع غير معتاد", "unusually many"),
        ("spike", "escalated"): ("الارتفاع يتضاعف", "twice as many as told before"),
        ("spike", "resolved"): ("عاد إلى المعتاد", "back to what is usual"),
        ("drop", "fired"): ("انخفاض غير معتاد", "unusually few"),
        ("drop", "escalated"): ("الانخفاض يشتد", "half of what was told before"),
        ("drop", "resolved"): ("عاد إلى المعتاد", "back to what is usual"),
    }[watch.kind, happening]
    return f"{watch.title}: {what}. {seen}.", f"{watch.title_en}: {what_en}. {seen_en}."
