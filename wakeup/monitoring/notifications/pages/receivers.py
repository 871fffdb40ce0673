"""How each receiver gets on (STA-7, STA-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from concentrators.models import AnyUser
from wakeup.models import Delivery, DeliveryState, Receiver, ReceiverKind, Tells
from wakeup.monitoring.notifications.events import in_words


@dataclass(frozen=True)
class ShownReceiver:
    """``at`` is since when it is so, or when something last arrived; what ``is_wrong`` needs a person."""

    receiver: Receiver
    state: str
    at: datetime | None
    why: str
    is_wrong: bool
    waiting: int
    may_be_tested: bool


def receivers_of(user: AnyUser) -> list[ShownReceiver]:
    """Those that ``user`` may see, by one query."""
    return [_shown(one) for one in _with_state(Receiver.objects.visible_to(user).select_related("company"))]


def _with_state(receivers: QuerySet[Receiver]) -> QuerySet[Any]:
    mine = Delivery.objects.filter(receiver=OuterRef("pk"))
    waiting = mine.filter(state=DeliveryState.WAITING)
    failing = waiting.filter(tries__gt=0).exclude(reason="").order_by("number")
    count = waiting.order_by().values("receiver").annotate(n=Count("pk")).values("n")
    arrived = mine.filter(state=DeliveryState.DELIVERED).order_by("-number")
    return receivers.annotate(
        arrived_at=Subquery(arrived.values("settled_at")[:1]),
        failing_since=Subquery(failing.values("not_before")[:1]),
        failure=Subquery(failing.values("reason")[:1]),
        waiting=Coalesce(Subquery(count, output_field=IntegerField()), 0),
    ).order_by("name")


def _shown(one: Any) -> ShownReceiver:
    state, at, why = _sign(one) if one.kind == ReceiverKind.LIFE_SIGN else _told(one)
    if one.tells == Tells.EVENTS and not why:
        state, at, why = _fed(one)
    if not one.is_active:
        state, why = _("inactive"), ""
    may_be_tested = one.is_active and one.kind != ReceiverKind.LIFE_SIGN
    return ShownReceiver(one, state, at, why, bool(why), one.waiting, may_be_tested)


def _sign(one: Any) -> tuple[str, datetime | None, str]:
    if one.sign_failure:
        said = _("no sign of life since") if one.sign_sent_at else _("no sign of life")
    else:
        said = _("last sign of life") if one.sign_sent_at else _("no sign of life yet")
    return said, one.sign_sent_at, in_words(one.sign_failure)


def _fed(one: Any) -> tuple[str, datetime | None, str]:
    """Of one that follows all events, of which some arrive or fail beside what was sent to test it."""
    if one.event_failure:
        return _("not delivered since"), one.events_fail_since, in_words(one.event_failure)
    return (_("last delivered") if one.events_sent_at else _("nothing delivered yet")), one.events_sent_at, ""


def _told(one: Any) -> tuple[str, datetime | None, str]:
    if one.failure:
        return _("not delivered since"), one.failing_since, in_words(one.failure)
    return (_("last delivered") if one.arrived_at else _("nothing delivered yet")), one.arrived_at, ""
