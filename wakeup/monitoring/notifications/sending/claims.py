"""Which delivery a sender takes next, and what became of it (STA-7).

A receiver is held by one sender at a time, for longer than any try takes; one that is killed lets go by that. What it
had in hand is then sent again, with the same id. So everything arrives at least once, and in order: of what is due the
lowest number goes first, and while that one fails those behind it wait. What waits for its delay holds up nobody.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from wakeup.models import Delivery, DeliveryState, Receiver, ReceiverKind

#: Longer than a try takes: a webhook 15 s after its name was looked up, a mail server 10 s for each step.
HELD_FOR: Final = timedelta(minutes=2)
FIRST_PAUSE_S: Final = 30.0
LONGEST_PAUSE_S: Final = 900.0
_SPREAD: Final = 0.25
_DOUBLINGS: Final = 5  # from the first pause to the longest one


def due_receivers(now: datetime) -> list[int]:
    """Those that nobody holds and of which the next delivery may be tried."""
    first = _due(Delivery.objects.filter(receiver=OuterRef("pk")), now).values("next_try_at")[:1]
    rows = free_receivers(now).annotate(next_try_at=Subquery(first)).filter(next_try_at__lte=now)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def claim(receiver: int, now: datetime) -> Delivery | None:
    """The next delivery of ``receiver``, which is then held; None if there is none, or somebody else holds it."""
    with transaction.atomic():
        held = (
            free_receivers(now)
            .select_for_update(skip_locked=True, no_key=True, of=("self",))
            .filter(pk=receiver)
            .first()
        )
        delivery = _due(Delivery.objects.filter(receiver=held), now).first() if held else None
        if held is None or delivery is None or delivery.next_try_at > now:
            return None
        held.held_by, held.held_until = uuid4().hex, now + HELD_FOR
        Receiver.objects.filter(pk=held.pk).update(held_by=held.held_by, held_until=held.held_until)
        Delivery.objects.filter(pk=delivery.pk).update(tries=F("tries") + 1)
    delivery.receiver, delivery.tries = held, delivery.tries + 1
    return delivery


def settle(delivery: Delivery, failure: str, now: datetime) -> None:
    """Note what became of the try, ``failure`` being empty if it arrived, and let go of its receiver.

    If the hold has run out meanwhile somebody else may be at it: then only that it arrived is noted.
    """
    waiting = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING)
    with transaction.atomic():
        mine = Receiver.objects.filter(pk=delivery.receiver_id, held_by=delivery.receiver.held_by)
        is_mine = mine.update(held_by="", held_until=None)
        if not failure:
            waiting.update(state=DeliveryState.DELIVERED, settled_at=now, reason="")
        elif is_mine:
            waiting.update(reason=failure, next_try_at=now + pause_after(delivery.tries))


def pause_after(tries: int) -> timedelta:
    """30 s after the first one, then twice as long each time, up to 15 minutes; a quarter more or less by chance."""
    seconds = min(FIRST_PAUSE_S * 2.0 ** min(tries - 1, _DOUBLINGS), LONGEST_PAUSE_S)
    return timedelta(seconds=seconds * random.uniform(1 - _SPREAD, 1 + _SPREAD))  # noqa: S311 - spreads them only


def free_receivers(now: datetime) -> QuerySet[Receiver]:
    free = Q(held_until=None) | Q(held_until__lte=now)
    return Receiver.objects.filter(free, is_active=True).exclude(kind=ReceiverKind.LIFE_SIGN)


def _due(deliveries: QuerySet[Delivery], now: datetime) -> QuerySet[Delivery]:
    return deliveries.filter(state=DeliveryState.WAITING, not_before__lte=now).order_by("number")
