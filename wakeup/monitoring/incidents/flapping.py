"""Whether a place comes and goes, so that nobody is told of each time (STA-5, STA-7, STA-9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from django.db.models import QuerySet

from wakeup.models import Incident, IncidentNote, NoteKind

#: So many changes within so long: a place went dark, came back, or went dark again.
CHANGES: Final = 4
WITHIN: Final = timedelta(minutes=60)
_CHANGES = (NoteKind.OPENED, NoteKind.ENDED, NoteKind.REOPENED)

#: Company, scope, substation, feeder and carrier.
Place = tuple[int | None, str, str, str, str]
_PLACE: Final = ("company_id", "scope", "substation", "feeder", "carrier")
_Place = TypeVar("_Place", bound=Hashable)


def flapping_places(changes: Iterable[tuple[_Place, datetime]], now: datetime) -> set[_Place]:
    """Those of which at least CHANGES are later than WITHIN before ``now``."""
    numbers = Counter(place for place, at in changes if now - WITHIN < at <= now)
    return {place for place, number in numbers.items() if number >= CHANGES}


def flapping_at(now: datetime) -> set[Place]:
    """The places at which incidents have opened, ended and gone on at least so often within the time up to ``now``."""
    rows = _notes(now).values_list(*(f"incident__{name}" for name in _PLACE), "at")
    return flapping_places(((row[:-1], row[-1]) for row in rows), now)


def is_flapping(incident: Incident, now: datetime) -> bool:
    """Whether the place of ``incident`` is among these."""
    of_place = {f"incident__{name}": value for name, value in zip(_PLACE, place_of(incident), strict=True)}
    times = _notes(now).filter(**of_place).values_list("at", flat=True)
    return bool(flapping_places(((None, at) for at in times), now))


def place_of(incident: Incident) -> Place:
    return (incident.company_id, incident.scope, incident.substation, incident.feeder, incident.carrier)


def _notes(now: datetime) -> QuerySet[IncidentNote]:
    """Of what was told of incidents the times at which they changed; those of parts that have become one, too."""
    return IncidentNote.objects.filter(kind__in=_CHANGES, at__gt=now - WITHIN, at__lte=now).order_by()
