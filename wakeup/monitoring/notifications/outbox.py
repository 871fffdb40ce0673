"""The outbox: deliveries, which each receiver's numbers count without a gap (STA-7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction

from profiles.models import SystemSettings
from wakeup.models import Delivery, DeliveryState, Receiver, ReceiverKind
from wakeup.monitoring.notifications.events import BEGINNINGS, Event
from wakeup.monitoring.notifications.rules import New


def body_of(facts: Mapping[str, Any], environment: str) -> dict[str, Any]:
    """What a delivery tells, as it is known when it is made; ``id`` tells a receiver if something comes twice."""
    return {**facts, "id": uuid4().hex, "environment": environment}


def append(receiver: Receiver, new: Sequence[New], environment: str, now: datetime) -> None:
    """Number and store ``new``. The row of ``receiver`` has been locked by this transaction."""
    rows = [
        Delivery(
            receiver=receiver,
            number=number,
            key=one.key,
            event=one.event,
            incident_id=one.subject.incident,
            alarm_id=one.subject.alarm,
            body=body_of(one.subject.facts, environment),
            made_at=now,
            not_before=one.not_before,
            next_try_at=one.not_before,
            state=DeliveryState.DROPPED if one.reason else DeliveryState.WAITING,
            settled_at=now if one.reason else None,
            reason=one.reason,
            stands=one.event in BEGINNINGS and not one.reason,
        )
        for number, one in enumerate(new, receiver.last_number + 1)
    ]
    Delivery.objects.bulk_create(rows)
    Receiver.objects.filter(pk=receiver.pk).update(last_number=receiver.last_number + len(rows))


def queue_test(receiver: Receiver, user: str, now: datetime) -> Delivery:
    """A message that says that it is a test, of ``user``."""
    with transaction.atomic():
        held = Receiver.objects.select_for_update(no_key=True).exclude(kind=ReceiverKind.LIFE_SIGN).get(pk=receiver.pk)
        number = held.last_number + 1
        facts = {"user": user, "receiver": held.name, "began_at": now.isoformat(), "time_zone": "UTC"}
        made = Delivery.objects.create(
            receiver=held,
            number=number,
            key=f"test {number}",
            event=Event.TEST,
            body=body_of(facts, SystemSettings.current().environment_name),
            made_at=now,
            not_before=now,
            next_try_at=now,
        )
        Receiver.objects.filter(pk=held.pk).update(last_number=number)
    return made


def try_again_now(one: Delivery, now: datetime) -> int:
    """Let ``one`` be tried at once, and those before it, which it waits for; return how many that are."""
    waiting = Delivery.objects.filter(
        receiver=one.receiver_id, state=DeliveryState.WAITING, number__lte=one.number, not_before__lte=now
    )
    with transaction.atomic():
        if not waiting.filter(pk=one.pk).exists():
            return 0
        return waiting.filter(next_try_at__gt=now).update(next_try_at=now) or 1
