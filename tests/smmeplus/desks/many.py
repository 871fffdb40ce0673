"""Any number of everything that the night desk has of a company, made at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from concentrators.models import Company, Concentrator, PlannedWindow, PlannedWork
from tests.smmeplus.desks.events import add_events
from wakeup.models import Alarm, Delivery, Incident, IncidentNote, Outage, Receiver


def populate_desk(company: Company, prefix: str, in_field: list[Concentrator], first: int, begins: datetime) -> None:
    """For each one in field planned work, an incident with an outage, an alarm, and a delivery.

    Of the ``first`` ones each column has one value, of the others another, from ``begins`` on and a day later.
    """
    receiver = Receiver.objects.create(name=f"{prefix}0", kind="email", company=company, address="a@example.org")
    for index, one in enumerate(in_field):
        group = int(index >= first)
        begin = begins + timedelta(days=group)
        end = begin + timedelta(hours=1)
        title = f"Work {prefix}{index:03}"
        facts = {"scope": "company", "cancelled_at": begin}
        if group:
            facts = {"scope": "feeder", "feeder": one.feeder, "set_by": company.users.first()}
        work = PlannedWork.objects.create(company=company, **facts, title=title, begin=begin, end=end)
        window = PlannedWindow.objects.create(work=work, begin=begin, end=end)
        incident = _incident(company, one, group, window)
        IncidentNote.objects.create(incident=incident, at=begin, kind="opened")
        times = {"earliest_at": begin, "latest_at": begin, "began_at": begin, "noticed_at": begin}
        of_one = {"concentrator": one, "company": company, "customers": one.customers, "cause": incident.cause, **times}
        over = {"ended_at": begin + timedelta(hours=16)} if group else {"ended_at": end, "planned": window}
        Outage.objects.create(**of_one, incident=incident, **over)
        single = dict.fromkeys(times, begin + timedelta(hours=20 * group))
        Outage.objects.create(**{**of_one, **single})
        alarm = _alarm(incident, f"Place {one.serial_number}", group)
        sent = {"made_at": begin, "not_before": begin, "next_try_at": begin, "incident": incident, "alarm": alarm}
        told = {"event": "incident opened", "reason": "answered|500", "tries": 2}
        if group:
            told = {"event": "incident ended", "state": "delivered", "settled_at": end, "tries": 1}
        Delivery.objects.create(receiver=receiver, number=index + 1, key=f"{incident.pk}", **sent, **told)
    add_events(company, [one.serial_number for one in in_field], begins)


def _incident(company: Company, one: Concentrator, group: int, window: PlannedWindow) -> Incident:
    """Of the first group an open one of a feeder, of the other one of a substation, planned and over."""
    begin = window.begin
    spans = {"began_at": begin, "window_from": begin, "window_until": begin, "opened_at": begin}
    numbers = {"dark": 1 - group, "members": 1 + group, "size": 5 + group, "customers": group}
    place = {"scope": "substation", "substation": one.serial_number}
    if not group:
        place = {"scope": "feeder", "feeder": one.serial_number}
        return Incident.objects.create(company=company, cause="communication", **place, **spans, **numbers)
    over = {"ended_at": window.end, "owner": company.users.first(), "acknowledged_at": begin, "planned": window}
    return Incident.objects.create(company=company, cause="power", **place, **spans, **numbers, **over)


def _alarm(incident: Incident, place: str, group: int) -> Alarm:
    """Of the first group one of low priority that stands; of the other one of medium that is shelved for long."""
    begin = incident.began_at
    return Alarm.objects.create(
        key=f"incident {incident.pk}",
        kind=("communication", "power")[group],
        priority=1 + group,
        company=incident.company,
        incident=incident,
        place=place,
        began_at=begin,
        raised_at=begin,
        act_by=begin + timedelta(hours=1),
        shelved_until=datetime(2099, 9, 23, tzinfo=UTC) if group else None,
    )
