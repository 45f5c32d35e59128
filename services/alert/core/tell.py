"""What is told of an incident: the alert, with its reasons, in Arabic and English."""

from datetime import datetime, timedelta

from services.alert.core.evaluate import Verdict, sparkline
from services.alert.core.evidence import Evidence
from services.alert.core.incidents import Happening, Incident, fingerprint
from services.alert.core.message import summary
from services.alert.core.subjects import Subject
from services.alert.core.watches import Watch
from services.contract.alerts import Alert, AlertedWatch


def tell(
    watch: Watch, incident: Incident, happening: Happening, verdict: Verdict, evidence: Evidence
) -> Alert:
    """Return what ``happening`` to an ``incident`` says to people."""
    at = verdict.evaluation.at
    told = AlertedWatch(
        id=watch.id,
        title=watch.title,
        title_en=watch.title_en,
        query=watch.query,
        kind="emerging" if isinstance(watch, Subject) else watch.kind,
        severity=watch.severity,
        labels=watch.labels,
        channels=watch.channels,
    )
    said = (told, verdict.figures, happening, watch.window, at - incident.began_at, incident.peak)
    return Alert(
        alert_id=incident.id,
        fingerprint=fingerprint(watch),
        happening=happening,
        at=at,
        window_s=round(watch.window.total_seconds()),
        began_at=incident.began_at,
        ended_at=incident.ended_at,
        peak=incident.peak,
        watch=told,
        figures=verdict.figures,
        sparkline=sparkline(verdict, watch, evidence.before or {}),
        stories=evidence.stories,
        entities=evidence.entities,
        terms=evidence.terms,
        text=summary(*said, "ar"),
        text_en=summary(*said, "en"),
    )


def tell_unwatched(last: Alert, incident: Incident, at: datetime) -> Alert:
    """Return what ends an ``incident`` whose watch is there no more; ``last`` was told of it."""
    window = timedelta(seconds=last.window_s)
    over: Happening = "resolved"
    said = (last.watch, last.figures, over, window, at - last.began_at, incident.peak)
    return last.model_copy(
        update={
            "happening": over,
            "at": at,
            "ended_at": at,
            "peak": incident.peak,
            "text": summary(*said, "ar"),
            "text_en": summary(*said, "en"),
        }
    )
