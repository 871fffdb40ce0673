"""Incidents, alarms and receivers, and what the outbox has of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from concentrators.models import Company, PlannedWindow, PlannedWork
from wakeup.models import Alarm, Delivery, DeliveryState, Incident, IncidentNote, Receiver
from wakeup.monitoring.notifications.queueing import queue_notifications

#: An hour after midnight of New Year's Eve by UTC, still the evening before in Chile.
NOW = datetime(2026, 12, 31, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def make_receiver(company: Company | None = None, **values: Any) -> Receiver:
    """Told of power after 2 minutes, of communication after 15."""
    named = {"name": f"Receiver {Receiver.objects.count()}", "kind": "webhook", "address": "http://127.0.0.1:1/"}
    return Receiver.objects.create(**{**named, "company": company, **values})


def make_incident(company: Company | None, at: datetime = NOW, **values: Any) -> Incident:
    """Noticed at ``at``, a minute after it began."""
    began = at - MINUTE
    told = {"scope": "feeder", "substation": "Six", "feeder": "A7", "cause": "power", "members": 12, "dark": 12}
    times = {"began_at": began, "window_from": began, "window_until": began, "opened_at": at}
    return Incident.objects.create(company=company, **{**told, **times, **values})


def make_alarm(company: Company | None, at: datetime = NOW, **values: Any) -> Alarm:
    told = {"key": f"{values.get('kind', 'planned overrun')} {Alarm.objects.count()}", "kind": "planned overrun"}
    times = {"began_at": at, "raised_at": at, "act_by": at + 60 * MINUTE}
    return Alarm.objects.create(company=company, **{**told, "priority": 2, **times, **values})


def make_planned(company: Company) -> PlannedWindow:
    place = {"company": company, "scope": "feeder", "feeder": "A7", "title": "Works"}
    work = PlannedWork.objects.create(**place, begin=NOW, end=NOW + 60 * MINUTE)
    return PlannedWindow.objects.create(work=work, begin=work.begin, end=work.end)


def note(one: Incident, *kinds: str, at: datetime = NOW) -> None:
    for kind in kinds:
        IncidentNote.objects.create(incident=one, at=at, kind=kind)


def end(one: Incident, at: datetime) -> None:
    Incident.objects.filter(pk=one.pk).update(ended_at=at)


def queue(minutes: float = 0) -> int:
    return queue_notifications(NOW + minutes * MINUTE)


def arrive(receiver: Receiver) -> None:
    """All that waits has been tried, and has arrived."""
    waiting = receiver.deliveries.filter(state=DeliveryState.WAITING)
    waiting.update(state=DeliveryState.DELIVERED, tries=1, settled_at=NOW)


def outbox(receiver: Receiver) -> list[str]:
    """Each delivery in the order of numbers: what it tells, and its state or why it was dropped."""
    assert list(receiver.deliveries.order_by("number").values_list("number", flat=True)) == list(
        range(1, receiver.deliveries.count() + 1)
    )
    return [f"{one.event}: {_state(one)}" for one in receiver.deliveries.order_by("number")]


def _state(one: Delivery) -> str:
    return one.reason if one.state == DeliveryState.DROPPED else one.state
