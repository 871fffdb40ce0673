"""Puts what is to be told into the outbox, once, however often it is asked (STA-7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import reduce

from django.db import transaction
from django.db.models import Q

from profiles.models import SystemSettings
from wakeup.locks import hold_desk
from wakeup.models import Delivery, DeliveryState, Receiver, ReceiverKind, Tells
from wakeup.monitoring.notifications.outbox import append, body_of
from wakeup.monitoring.notifications.rules import Plan, Told, concerns, plan_for
from wakeup.monitoring.notifications.subjects import Subject, subjects_at

_Subjects = Mapping[str, Subject]


def queue_notifications(now: datetime) -> int:
    """Make deliveries of what began, changed and ended, and drop those that nobody needs any more; return how many."""
    with transaction.atomic():
        hold_desk()
        if not any(plan.count for _receiver, plan in _plans(now, is_locked=False)):
            return 0
        environment = SystemSettings.current().environment_name
        return sum(_carry_out(receiver, plan, environment, now) for receiver, plan in _plans(now, is_locked=True))


def _plans(now: datetime, *, is_locked: bool) -> list[tuple[Receiver, Plan]]:
    """What is to be done for each receiver. Senders claim by their rows: they are locked before the outbox is read."""
    notified = Receiver.objects.filter(is_active=True, tells=Tells.NOTIFICATIONS)
    receivers = notified.exclude(kind=ReceiverKind.LIFE_SIGN).order_by("pk")
    if is_locked:
        receivers = receivers.select_for_update(no_key=True, of=("self",))
    found = list(receivers)
    if not found:
        return []
    subjects = _subjects(found, now)
    told = _told(found, subjects)
    return [(one, _together(_of_all(one, subjects, told, now))) for one in found]


def _of_all(
    receiver: Receiver, subjects: Sequence[Subject], told: Mapping[tuple[int, str], list[Told]], now: datetime
) -> list[Plan]:
    mine = [(one, told.get((receiver.pk, one.key), [])) for one in subjects]
    return [plan_for(receiver, one, rows, now) for one, rows in mine if rows or concerns(receiver, one)]


def _subjects(receivers: Sequence[Receiver], now: datetime) -> list[Subject]:
    standing = Delivery.objects.filter(stands=True, receiver__in=receivers).values_list("incident_id", "alarm_id")
    incidents, alarms = set[int](), set[int]()
    for incident, alarm in standing:
        incidents |= {incident} - {None}
        alarms |= {alarm} - {None} if incident is None else set()
    return subjects_at(now, incidents, alarms)


def _told(receivers: Sequence[Receiver], subjects: Sequence[Subject]) -> Mapping[tuple[int, str], list[Told]]:
    """What the outbox has of ``subjects``, by receiver and subject, in the order of numbers."""
    incidents = [one.incident for one in subjects if one.incident is not None]
    alarms = [one.alarm for one in subjects if one.alarm is not None]
    about = Q(incident__in=incidents) | Q(incident=None, alarm__in=alarms)
    rows = Delivery.objects.filter(about, receiver__in=receivers).order_by("receiver", "number")
    found = defaultdict[tuple[int, str], list[Told]](list)
    names = ("event", "state", "tries", "not_before", "reason", "body")
    for receiver, incident, alarm, pk, *values in rows.values_list("receiver", "incident", "alarm", "pk", *names):
        subject = f"alarm {alarm}" if incident is None else f"incident {incident}"
        found[receiver, subject].append(Told(pk, *values))
    return found


def _together(plans: Sequence[Plan]) -> Plan:
    return reduce(_joined, plans, Plan())


def _joined(one: Plan, other: Plan) -> Plan:
    return Plan(
        [*one.new, *other.new],
        {**one.drop, **other.drop},
        {**one.refresh, **other.refresh},
        {**one.stands, **other.stands},
    )


def _carry_out(receiver: Receiver, plan: Plan, environment: str, now: datetime) -> int:
    for pk, why in plan.drop.items():
        Delivery.objects.filter(pk=pk).update(state=DeliveryState.DROPPED, reason=why, settled_at=now)
    for pk, (not_before, facts) in plan.refresh.items():
        body = body_of(facts, environment)
        Delivery.objects.filter(pk=pk).update(body=body, not_before=not_before, next_try_at=not_before)
    for pk, stands in plan.stands.items():
        Delivery.objects.filter(pk=pk).update(stands=stands)
    if plan.new:
        append(receiver, plan.new, environment, now)
    return plan.count
