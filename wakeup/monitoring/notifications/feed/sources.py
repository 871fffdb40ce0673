"""Where events come from: each source gives what has not been published yet, a part at a time (API-3).

Each is called within a transaction that holds the desk and the row of the progress, in which it notes what it gives.
Changes of status, outages and the timelines of incidents are followed by their keys: whoever writes the latter two
holds the desk, so that none with a lower key is committed later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Max

from wakeup.models import DeskProgress, FeedProgress, IncidentNote, NoteKind, Outage, Priority, StatusChange
from wakeup.monitoring.notifications.feed.news import News
from wakeup.monitoring.notifications.subjects import facts_of_incident, priorities_of

CHUNK: Final = 5_000


class Pass(NamedTuple):
    """``last_change`` is the highest key of a change of status; all with lower ones are committed."""

    now: datetime
    last_change: int


Source = Callable[[FeedProgress, Pass], list[News]]

_OF_CHANGE = ("at", "from_status", "to_status", "reason", "verdict")
_OF_CONCENTRATOR = ("serial_number", "company_id", "substation", "feeder")
_OF_OUTAGE = (
    *("began_at", "noticed_at", "ended_at", "ended_by", "quality", "cause", "is_announced", "is_momentary"),
    *("customers", "meters"),
)


def status_changes(progress: FeedProgress, this: Pass) -> list[News]:
    rows = StatusChange.objects.filter(pk__gt=progress.change, pk__lte=this.last_change).order_by("pk")
    of_concentrator = (f"concentrator__{name}" for name in _OF_CONCENTRATOR)
    found = list(rows.values_list("pk", *of_concentrator, *_OF_CHANGE)[:CHUNK])
    progress.change = found[-1][0] if len(found) == CHUNK else max(progress.change, this.last_change)
    return [_change(*row) for row in found]


def _change(
    _pk: int, serial: str, company: int, substation: str, feeder: str, at: datetime, *values: str | None
) -> News:
    data = dict(zip(_OF_CHANGE[1:], values, strict=True))
    return News("status.changed", at, company, {**data, "substation": substation, "feeder": feeder}, serial)


def outages(progress: FeedProgress, _this: Pass) -> list[News]:
    """Not before the change that began or ended it: another process may have recorded that just now."""
    followed = DeskProgress.objects.aggregate(last=Max("change"))["last"] or 0
    if progress.change < followed:
        return []
    rows = Outage.objects.filter(is_untold=True).select_related("concentrator", "planned__work")
    found = list(rows.order_by("pk")[:CHUNK])
    told = progress.outage
    if found:
        progress.outage = max(told, found[-1].pk)
        Outage.objects.filter(is_untold=True, pk__lte=found[-1].pk).update(is_untold=False)
    return [news for one in found for news in _outage(one, is_new=one.pk > told)]


def _outage(one: Outage, *, is_new: bool) -> Iterator[News]:
    data = {
        "outage": one.pk,
        **{name: getattr(one, name) for name in _OF_OUTAGE},
        "began_after": one.earliest_at,
        "began_before": one.latest_at,
        "incident": one.incident_id,
        "planned_work": one.planned.work.title if one.planned else None,
        "substation": one.concentrator.substation,
        "feeder": one.concentrator.feeder,
    }
    serial, company = one.concentrator.serial_number, one.company_id
    if is_new:
        yield News("outage.began", one.began_at, company, data, serial)
    if one.ended_at is not None:
        yield News("outage.ended", one.ended_at, company, data, serial)
    elif not is_new:
        yield News("outage.changed", one.began_at, company, data, serial)


#: What people say to each other; such a line alone is written without the desk.
_NOT_TOLD: Final = (NoteKind.COMMENT,)
#: Evidence may name what belongs to another company.
_KEPT_BACK: Final = ("company", "time_zone", "evidence", "against")


def incidents(progress: FeedProgress, _this: Pass) -> list[News]:
    rows = IncidentNote.objects.filter(pk__gt=progress.note).exclude(kind__in=_NOT_TOLD).order_by("pk")
    found = list(rows.select_related("incident__company")[:CHUNK])
    if found:
        progress.note = found[-1].pk
    priorities = priorities_of({one.incident_id for one in found})
    return [_line(one, priorities.get(one.incident_id, Priority.LOW)) for one in found]


def _line(one: IncidentNote, priority: int) -> News:
    """The incident as it is by now, and what this line of its timeline says."""
    facts = facts_of_incident(one.incident, priority)
    said = {name: value for name, value in one.facts.items() if isinstance(value, str | int | None)}
    data = {name: value for name, value in facts.items() if name not in _KEPT_BACK}
    return News(f"incident.{one.kind}", one.at, one.incident.company_id, {**data, "text": one.text, "said": said})
