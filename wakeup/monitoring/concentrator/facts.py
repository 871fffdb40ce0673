"""What a concentrator's page reads (CON-6): a few rows by index; it never counts all messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Exists, F, Max, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from concentrators.models import AnyUser, Concentrator, OutOfService, State
from smmeplus.common.wording.durations import in_words as length_in_words
from wakeup.models import Message, StrayFrame, SurplusCount
from wakeup.monitoring.expected.rules import OutOfServiceSpan
from wakeup.pages.strays.tables import visible_strays

LAST_MESSAGES = 20
SHOWN_STRAYS = 5


def concentrators_to_show(user: AnyUser) -> QuerySet[Concentrator]:
    """The concentrators that ``user`` may see, with all that belongs to one of them, and ``removed_at``.

    ``is_refused`` is whether something that it sent was not taken.
    """
    return (
        Concentrator.objects.visible_to(user)
        .select_related(
            *("company__counting_zone", "type", "profile", "total", "watch", "configuration", "power_log"),
            *("meter_counts", "device_keys"),
        )
        .annotate(
            removed_at=_time_of_removal(),
            is_refused=Exists(visible_strays(user).filter(sender=OuterRef("serial_number"), ignored=False)),
        )
    )


def _time_of_removal() -> Subquery:
    """When the concentrator was removed: the first row of its history after the last one in another state."""
    history = Concentrator.history.model.objects
    not_removed = history.filter(id=OuterRef(OuterRef("pk"))).exclude(state=State.REMOVED)
    last_in_use = Subquery(not_removed.order_by("-history_id").values("history_id")[:1])
    removed = history.filter(id=OuterRef("pk"), state=State.REMOVED, history_id__gt=Coalesce(last_in_use, 0))
    return Subquery(removed.order_by("history_id").values("history_date")[:1])


class SetOut(NamedTuple):
    """A time out of service by the key of its row, and what its history tells.

    ``first_end`` is the end that it was set with; ``changed_by`` is the user who changed it last, if any.
    """

    pk: int
    begin: datetime
    end: datetime
    reason: str
    set_by_name: str | None
    first_end: datetime | None
    changed_by: str | None
    set_at: datetime | None

    @property
    def span(self) -> OutOfServiceSpan:
        """Since when it counts for the status: what was before that does not change afterwards."""
        return OutOfServiceSpan(max(self.begin, self.set_at or self.begin), self.end)


def outs_of_service(concentrator: Concentrator) -> list[SetOut]:
    """All times out of service of ``concentrator``, newest first."""
    versions = OutOfService.history.model.objects.filter(id=OuterRef("pk"))
    last_change = versions.filter(history_type="~").order_by("-history_id")
    found = concentrator.outs_of_service.annotate(
        set_by_name=F("set_by__username"),
        first_end=Subquery(versions.order_by("history_id").values("end")[:1]),
        changed_by=Subquery(last_change.values("history_user__username")[:1]),
    )
    return [SetOut(*row) for row in found.order_by("-begin", "-pk").values_list(*SetOut._fields)]


def out_at(outs: Sequence[SetOut], now: datetime) -> SetOut | None:
    """The one of ``outs`` that lasts at ``now``: of several the one that ends last."""
    present = [out for out in outs if out.begin <= now < out.end]
    return max(present, key=lambda out: out.end, default=None)


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message, and how far the clock of its device was ahead of ours (negative: behind); None without a time."""

    message: Message
    ahead: timedelta | None

    @property
    def ahead_in_words(self) -> str:
        return "—" if self.ahead is None else in_words(self.ahead)


def last_messages(concentrator: Concentrator) -> list[ShownMessage]:
    """The last 20 messages of ``concentrator``, newest first."""
    newest = Message.objects.filter(concentrator=concentrator).order_by("-received_at", "-pk")[:LAST_MESSAGES]
    return [
        ShownMessage(message, message.device_time - message.received_at if message.device_time else None)
        for message in newest
    ]


def messages_not_taken(concentrator: Concentrator, user: AnyUser) -> Sequence[StrayFrame]:
    """What came of ``concentrator`` and was refused, by reason, as far as ``user`` may see it, newest first (LIS-6).

    No query for one that was loaded as not refused.
    """
    if not getattr(concentrator, "is_refused", True):
        return []
    strays = visible_strays(user).filter(sender=concentrator.serial_number, ignored=False)
    return list(strays.order_by("-last_at", "-pk")[:SHOWN_STRAYS])


class Surplus(NamedTuple):
    """Messages above the rate: how many, and the minute of the last."""

    number: int
    last_minute: datetime


def surplus_since(concentrator: Concentrator, since: datetime) -> Surplus | None:
    """What was counted of ``concentrator`` instead of stored (SEC-2); None if nothing was."""
    counted = SurplusCount.objects.filter(sender=concentrator.serial_number, minute__gte=since)
    found = counted.aggregate(count=Sum("count"), last=Max("minute"))
    return Surplus(found["count"], found["last"]) if found["count"] else None


def in_words(duration: timedelta) -> str:
    """``duration`` with its sign, to the second, in its two greatest units: ``+3 s``, ``-1 h 5 min``, ``+0 s``."""
    sign = "-" if round(duration.total_seconds()) < 0 else "+"
    return f"{sign}{length_in_words(abs(duration))}"
