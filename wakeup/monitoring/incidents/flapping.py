"""Whether a place comes and goes, so that nobody is told of each time (STA-5, STA-7, STA-9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from wakeup.models import Incident, IncidentNote, NoteKind

#: So many changes within so long: a place went dark, came back, or went dark again.
CHANGES: Final = 4
WITHIN: Final = timedelta(minutes=60)
_CHANGES = (NoteKind.OPENED, NoteKind.ENDED, NoteKind.REOPENED)

_Place = TypeVar("_Place", bound=Hashable)


def flapping_places(changes: Iterable[tuple[_Place, datetime]], now: datetime) -> set[_Place]:
    """Those of which at least CHANGES are later than WITHIN before ``now``."""
    numbers = Counter(place for place, at in changes if now - WITHIN < at <= now)
    return {place for place, number in numbers.items() if number >= CHANGES}


def is_flapping(incident: Incident, now: datetime) -> bool:
    """Whether incidents of its place have opened, ended and gone on at least so often within the time up to ``now``."""
    names = ("company_id", "scope", "substation", "feeder", "carrier")
    of_place = {f"incident__{name}": getattr(incident, name) for name in names}
    notes = IncidentNote.objects.filter(**of_place, kind__in=_CHANGES, at__gt=now - WITHIN, at__lte=now)
    return bool(flapping_places(((None, at) for at in notes.values_list("at", flat=True)), now))
