"""What the rules of alarms have to know, read from the database in a few queries (STA-9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Exists, Min, OuterRef, Q, Sum

from concentrators.models import PlannedScope
from profiles.models import SystemSettings
from wakeup.models import Alarm, Delivery, Incident, IncidentNote, Outage, Receiver, VerdictSpan
from wakeup.models.alarms import AlarmKind
from wakeup.models.deliveries import DeliveryState
from wakeup.models.incidents import CauseClass, IncidentScope, NoteKind
from wakeup.models.verdicts import Cause
from wakeup.monitoring.alarms.rules import Desk
from wakeup.monitoring.alarms.rules.due import Cover, Overrun, Seen, Span, Undelivered
from wakeup.monitoring.alarms.rules.floods import WITHIN
from wakeup.monitoring.incidents.flapping import WITHIN as FLAPPING_WITHIN
from wakeup.monitoring.incidents.flapping import flapping_at, place_of
from wakeup.monitoring.status.rules import retry_tail_of

#: How far back incidents are looked for that never had an alarm, because nobody watched.
LOOK_BACK: Final = timedelta(hours=24)
#: A delivery that waits longer is not on its way: something is wrong.
UNDELIVERED_AFTER: Final = timedelta(minutes=30)


def desk_at(now: datetime, settings: SystemSettings) -> Desk:
    incidents = _incidents(now)
    again = _went_dark_again(now)
    flapping = flapping_at(now)
    seen = [_seen(one, again[one.pk], place_of(one) in flapping) for one in incidents]
    standing = list(_standing(now))
    return Desk(
        seen=[one for one in seen if one.ended_at is None or one.is_flapping],
        missed=[one for one, row in zip(seen, incidents, strict=True) if _is_missed(row)],
        covers=[cover for row in standing for cover in _covers(row, now)],
        wide={row.company_id or 0: _span(row.facts) for row in standing if _stands_for_many(row)},
        undecided_since=_undecided_since(),
        overruns=list(_overruns(now - retry_tail_of(settings))),
        undelivered=list(_undelivered(now - UNDELIVERED_AFTER)),
    )


def _incidents(now: datetime) -> Sequence[Any]:
    lately = Q(ended_at__gte=now - LOOK_BACK) | Q(opened_at__gte=now - LOOK_BACK)
    rows = Incident.objects.filter(Q(ended_at=None) | lately, merged_into=None).select_related("company")
    had_alarm = Exists(Alarm.objects.filter(incident=OuterRef("pk")))
    return list(rows.annotate(had_alarm=had_alarm).order_by("opened_at", "pk"))


def _is_missed(row: Any) -> bool:
    return row.ended_at is not None and not row.had_alarm


def _went_dark_again(now: datetime) -> Mapping[int, list[datetime]]:
    found: dict[int, list[datetime]] = defaultdict(list)
    notes = IncidentNote.objects.filter(kind=NoteKind.REOPENED, at__gt=now - FLAPPING_WITHIN).order_by("at")
    for incident, at in notes.values_list("incident", "at"):
        found[incident].append(at)
    return found


def _seen(row: Incident, again: Sequence[datetime], is_flapping: bool) -> Seen:
    return Seen(
        pk=row.pk,
        company=row.company_id,
        scope=IncidentScope(row.scope),
        cause=CauseClass(row.cause),
        place=name_of_place(row),
        substation=row.substation,
        began_at=row.began_at,
        since=again[-1] if again else row.opened_at,
        again_at=again[-1] if again else None,
        ended_at=row.ended_at,
        members=row.members,
        dark=row.dark,
        customers=row.customers,
        is_planned=row.planned_id is not None,
        is_flapping=is_flapping,
    )


def name_of_place(row: Incident) -> str:
    if row.scope == IncidentScope.COMPANY and row.company:
        return row.company.name
    return " · ".join(name for name in (row.carrier, row.substation, row.feeder) if name)


def _standing(now: datetime) -> Iterable[Alarm]:
    """Alarms that stand, or lately stood, for more than one incident."""
    of_many = Q(kind__in=(AlarmKind.WIDE, AlarmKind.FLAPPING)) | Q(incident__scope=IncidentScope.COMPANY)
    lately = Q(ended_at=None) | Q(raised_at__gte=now - 2 * LOOK_BACK)
    return Alarm.objects.filter(of_many, lately).select_related("incident")


def _stands_for_many(row: Alarm) -> bool:
    return row.ended_at is None and row.kind == AlarmKind.WIDE


def _span(facts: Mapping[str, Any]) -> Span:
    return Span(datetime.fromisoformat(facts["from"]), datetime.fromisoformat(facts["until"]))


def _covers(row: Alarm, now: datetime) -> Iterator[Cover]:
    if row.kind == AlarmKind.FLAPPING:
        yield Cover(row.company_id, row.place, Span(row.raised_at - FLAPPING_WITHIN, row.ended_at or now))
        return
    if "until" in row.facts:
        yield Cover(row.company_id, None, _span(row.facts))
    if row.incident:
        opened_at = row.incident.opened_at
        yield Cover(row.company_id, None, Span(opened_at - WITHIN, opened_at + WITHIN))


def _undecided_since() -> datetime | None:
    spans = VerdictSpan.objects.filter(carrier="", ended_at=None, cause=Cause.UNDECIDED)
    return spans.values_list("began_at", flat=True).first()


def _overruns(until: datetime) -> Iterator[Overrun]:
    """Times of planned work that were over by ``until``, or cancelled, with concentrators that are still dark."""
    over = Q(planned__end__lte=until) | Q(planned__work__cancelled_at__lte=until)
    names = ("substation", "feeder", "scope", "title", "company", "company__name", "cancelled_at")
    paths = [f"planned__work__{name}" for name in (*names, "concentrator__serial_number")]
    rows = Outage.objects.open().filter(over).values("planned", "planned__end", *paths).order_by("planned")
    for row in rows.annotate(number=Count("pk"), people=Sum("affected")):
        of_work = {name.removeprefix("planned__work__"): value for name, value in row.items()}
        yield Overrun(
            window=row["planned"],
            company=of_work["company"],
            place=_place_of_work(of_work),
            title=of_work["title"],
            end=min(row["planned__end"], of_work["cancelled_at"] or row["planned__end"]),
            dark=row["number"],
            customers=row["people"] or 0,
        )


def _place_of_work(work: Mapping[str, Any]) -> str:
    if work["scope"] == PlannedScope.COMPANY:
        return str(work["company__name"])
    if work["scope"] == PlannedScope.CONCENTRATOR:
        return str(work["concentrator__serial_number"] or "")
    return " · ".join(name for name in (work["substation"], work["feeder"]) if name)


def _undelivered(until: datetime) -> Iterator[Undelivered]:
    """Receivers with something that was to be told by ``until`` and still waits, whether or not it was tried.

    The name of one that is told of all companies is not for everybody who sees its alarm.
    """
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING, receiver__is_active=True)
    rows = waiting.values("receiver", "receiver__company", "receiver__name").order_by("receiver")
    oldest = rows.annotate(since=Min("not_before"), number=Count("pk"), tries_made=Sum("tries"))
    for row in oldest.filter(since__lte=until):
        company = row["receiver__company"]
        name = row["receiver__name"] if company else ""
        yield Undelivered(row["receiver"], company, name, row["since"], row["number"], row["tries_made"] or 0)
    for one in Receiver.objects.filter(is_active=True, events_fail_since__lte=until).order_by("pk"):
        name, since = one.name if one.company_id else "", one.events_fail_since or until
        yield Undelivered(one.pk, one.company_id, name, since, 1, one.event_tries)
