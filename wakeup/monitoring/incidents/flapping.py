"""Whether a place comes and goes, so that nobody is told of each time (STA-5, STA-7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from wakeup.models import Incident, IncidentNote, NoteKind

CHANGES: Final = 4
WITHIN: Final = timedelta(minutes=60)
_CHANGES = (NoteKind.OPENED, NoteKind.ENDED, NoteKind.REOPENED)


def is_flapping(incident: Incident, now: datetime) -> bool:
    """Whether incidents of its place have opened, ended and gone on at least so often within the time up to ``now``."""
    return changes_within(incident, now) >= CHANGES


def changes_within(incident: Incident, now: datetime) -> int:
    place = {name: getattr(incident, name) for name in ("company_id", "scope", "substation", "feeder", "carrier")}
    notes = IncidentNote.objects.filter(kind__in=_CHANGES, at__gt=now - WITHIN, at__lte=now)
    return notes.filter(**{f"incident__{name}": value for name, value in place.items()}).count()
