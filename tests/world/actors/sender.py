"""`manage.py sendnotifications` in a world: what is told does not hang on how it is sent, so all arrives."""

from __future__ import annotations

import asyncio
from contextvars import Context
from datetime import datetime

from django.db import connection
from django.db.models import F
from django.utils import timezone

from concentrators.models import Company
from wakeup.models import Delivery, DeliveryState, Receiver, ReceiverKind

EVERY_S = 60.0


def make_receiver(company: Company) -> Receiver:
    return Receiver.objects.create(
        name="desk", kind=ReceiverKind.EMAIL, company=company, address="desk@smmeplus.example"
    )


class WorldSender:
    def __init__(self) -> None:
        self._context = Context()  # and with it a connection to the database of its own

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            self._context.run(_deliver, timezone.now())

    async def end(self) -> None:
        """Deliver what the last pass of a watcher has queued."""
        self._context.run(_deliver, timezone.now())
        self._context.run(_close)


def _deliver(now: datetime) -> None:
    due = Delivery.objects.filter(state=DeliveryState.WAITING, not_before__lte=now)
    due.update(state=DeliveryState.DELIVERED, settled_at=now, tries=F("tries") + 1)


def _close() -> None:
    connection.close()  # that of the context: the attribute alone would be looked up outside of it
