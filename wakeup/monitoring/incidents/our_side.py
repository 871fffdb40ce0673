"""Times in which it was our side are incidents of no company and without members (STA-4, STA-5)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from wakeup.models import CauseClass, DeskProgress, Incident, IncidentNote, IncidentScope, NoteKind, VerdictSpan
from wakeup.models.verdicts import Cause
from wakeup.monitoring.incidents.groups import REOPENS_WITHIN
from wakeup.monitoring.outages.progress import FIRST_BACK

#: How far back it is looked for times that have ended: longer than a watcher may be away.
BACK = timedelta(days=7)


def keep_our_side(progress: DeskProgress, now: datetime) -> int:
    """One incident for each time, and for those that follow each other at once; return how many changed."""
    since = max((progress.begun_at or now) - FIRST_BACK, now - BACK)
    lasted = Q(ended_at=None) | Q(ended_at__gte=since)
    spans = VerdictSpan.objects.filter(lasted, carrier="", cause=Cause.OUR_SIDE).order_by("began_at", "pk")
    return sum(_keep(span, now) for span in spans)


def _keep(span: VerdictSpan, now: datetime) -> bool:
    """``window_until`` is when the last of its times began."""
    incidents = Incident.objects.filter(scope=IncidentScope.OUR_SIDE, merged_into=None, began_at__lte=span.began_at)
    incident = incidents.order_by("-began_at", "-pk").first()
    if incident is None:
        return _open(span, now)
    if span.began_at <= incident.window_until:
        return span.began_at == incident.window_until and _end(incident, span)
    if incident.ended_at is not None and span.began_at - incident.ended_at > REOPENS_WITHIN:
        return _open(span, now)
    return _reopen(incident, span)


def _open(span: VerdictSpan, now: datetime) -> bool:
    began = span.began_at
    incident = Incident.objects.create(
        scope=IncidentScope.OUR_SIDE,
        cause=CauseClass.OUR_SIDE,
        evidence=span.evidence,
        against=span.against,
        began_at=began,
        window_from=began,
        window_until=began,
        opened_at=now,
    )
    _note(incident, began, NoteKind.OPENED)
    _end(incident, span)
    return True


def _reopen(incident: Incident, span: VerdictSpan) -> bool:
    incident.window_until, incident.ended_at = span.began_at, None
    incident.save()
    _note(incident, span.began_at, NoteKind.REOPENED)
    _end(incident, span)
    return True


def _end(incident: Incident, span: VerdictSpan) -> bool:
    if incident.ended_at is not None or span.ended_at is None:
        return False
    incident.ended_at = span.ended_at
    incident.save()
    _note(incident, span.ended_at, NoteKind.ENDED)
    return True


def _note(incident: Incident, at: datetime, kind: NoteKind) -> None:
    IncidentNote.objects.create(incident=incident, at=at, kind=kind)
