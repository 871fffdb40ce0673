"""Sends all events to the receivers that follow them, in order and at least once (API-3).

A receiver has a place in the feed, which moves on when what is before it has arrived. It is held like one of
notifications, by one sender at a time; of a sender that was killed the next one sends again what it had in hand.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import uuid4

from django.db import transaction
from django.db.models import Q, QuerySet

from wakeup.models import FeedEvent, FeedProgress, Receiver, ReceiverKind, Tells
from wakeup.monitoring.notifications.feed.reading import WINDOW
from wakeup.monitoring.notifications.sending.addresses import NotSentError
from wakeup.monitoring.notifications.sending.amqp import Outgoing, send_all
from wakeup.monitoring.notifications.sending.channels import post_signed
from wakeup.monitoring.notifications.sending.claims import HELD_FOR, free_receivers, pause_after

#: Events of one webhook, and of one connection to a broker.
MOST: Final = {ReceiverKind.WEBHOOK.value: 100, ReceiverKind.AMQP.value: 1_000}


class Batch(NamedTuple):
    """Events of a receiver that is held: ``until`` is the place after them, where there may be none of its company."""

    receiver: Receiver
    events: Sequence[FeedEvent]
    until: int


def due_feeds(now: datetime) -> list[int]:
    """Those that nobody holds and for which there is something new."""
    return list(_due(now).order_by("pk").values_list("pk", flat=True))


def claim_batch(receiver: int, now: datetime) -> Batch | None:
    """The next events of ``receiver``, which is then held; None if there are none, or somebody else holds it."""
    with transaction.atomic():
        held = _due(now).select_for_update(skip_locked=True, no_key=True, of=("self",)).filter(pk=receiver).first()
        if held is None:
            return None
        last = _last()
        if held.event_number is None or held.event_number > last:  # it is new, or the database was restored
            Receiver.objects.filter(pk=held.pk).update(event_number=last)
            return None
        held.held_by, held.held_until = uuid4().hex, now + HELD_FOR
        Receiver.objects.filter(pk=held.pk).update(held_by=held.held_by, held_until=held.held_until)
    return _batch(held, held.event_number, last)


def send_batch(batch: Batch, now: datetime) -> tuple[int, str]:
    """The place up to which all has arrived, and why not more, as it is stored."""
    if not batch.events:
        return batch.until, ""
    if batch.receiver.kind == ReceiverKind.AMQP:
        return _to_broker(batch)
    try:
        bodies = [json.loads(one.body) for one in batch.events]
        said = {"type": "events", "timestamp": now.isoformat(), "data": {"events": bodies}}
        body = json.dumps(said, ensure_ascii=False).encode()
        post_signed(batch.receiver, _id_of(batch.events), body, "application/json", now)
    except NotSentError as error:
        return batch.receiver.event_number or 0, str(error)
    return batch.until, ""


def _id_of(events: Sequence[FeedEvent]) -> str:
    """The same for the same events alone: a receiver may leave out what comes twice by it."""
    return f"msg_{events[0].uid.hex}_{len(events)}"


def settle_batch(batch: Batch, number: int, failure: str, now: datetime) -> None:
    """Note that ``batch`` has arrived up to ``number``, and let go of its receiver.

    If the hold has run out meanwhile somebody else may be at it: then only what has arrived is noted.
    """
    mine = Receiver.objects.filter(pk=batch.receiver.pk)
    with transaction.atomic():
        if number > (batch.receiver.event_number or 0):
            mine.filter(event_number__lt=number).update(event_number=number, events_sent_at=now)
        held = mine.filter(held_by=batch.receiver.held_by)
        if not failure:
            over = {"event_tries": 0, "event_failure": "", "events_fail_since": None, "next_event_at": None}
            held.update(held_by="", held_until=None, **over)
            return
        tries = batch.receiver.event_tries + 1
        since = batch.receiver.events_fail_since or now
        failed = {"event_tries": tries, "event_failure": failure, "events_fail_since": since}
        held.update(held_by="", held_until=None, next_event_at=now + pause_after(tries), **failed)


def _due(now: datetime) -> QuerySet[Receiver]:
    """Also of one that has all there was, if there is more by now."""
    is_new = Q(event_number=None) | ~Q(event_number=_last())
    may_try = Q(next_event_at=None) | Q(next_event_at__lte=now)
    return free_receivers(now).filter(is_new, may_try, tells=Tells.EVENTS, kind__in=list(MOST))


def _last() -> int:
    return FeedProgress.objects.values_list("number", flat=True).first() or 0


def _batch(held: Receiver, after: int, last: int) -> Batch:
    until, most = min(last, after + WINDOW), MOST[held.kind]
    rows = FeedEvent.objects.filter(number__gt=after, number__lte=until).order_by("number")
    if held.company_id is not None:
        rows = rows.filter(Q(company=None) | Q(company=held.company_id))
    found = list(rows[:most])
    return Batch(held, found, found[-1].number if len(found) == most else until)


def _to_broker(batch: Batch) -> tuple[int, str]:
    messages = [
        Outgoing(str(one.uid), one.type, one.concentrator, "application/json", one.body.encode())
        for one in batch.events
    ]
    arrived, failure = send_all(batch.receiver, messages)
    if arrived == len(messages):
        return batch.until, ""
    return batch.events[arrived - 1].number if arrived else batch.receiver.event_number or 0, failure
