"""Our own sign of life: it goes out while the whole chain works, so that somebody else's watchdog rings (STA-10).

It is not in the outbox: one that is missed is missed, which is the point.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import uuid4

from django.db.models import Max, Min, Q

from concentrators.models import Concentrator, State
from profiles.models import SystemSettings
from wakeup.models import Delivery, DeliveryState, Receiver, ReceiverKind, VerdictSpan
from wakeup.monitoring.notifications.events import Why, reason
from wakeup.monitoring.notifications.sending.addresses import NotSentError
from wakeup.monitoring.notifications.sending.channels import event_body, post_signed
from wakeup.monitoring.verdicts.rules import CANARY_FAILS_AFTER

EVERY: Final = timedelta(seconds=60)
_NEVER: Final = "∞"


class Chain(NamedTuple):
    """When the last canary message was stored, when somebody last judged, and what waits in the outbox."""

    stored_at: datetime | None
    judged_at: datetime | None
    waiting: int
    waiting_since: datetime | None

    @classmethod
    def now(cls) -> Chain:
        canaries = Concentrator.objects.canaries().exclude(state=State.REMOVED)
        stored = canaries.aggregate(at=Max("total__last_wakeup_at"))["at"]
        judged = VerdictSpan.objects.filter(carrier="", ended_at=None).aggregate(at=Max("judged_at"))["at"]
        tried = Delivery.objects.filter(state=DeliveryState.WAITING, tries__gt=0)
        return cls(stored, judged, tried.count(), tried.aggregate(at=Min("not_before"))["at"])

    def failure(self, now: datetime) -> str:
        """Why it is broken, as a stored reason; empty while it is whole."""
        if _is_older(self.stored_at, now, CANARY_FAILS_AFTER):
            return reason(Why.NO_CANARY, _age(self.stored_at, now))
        if _is_older(self.judged_at, now, VerdictSpan.STALE_AFTER):
            return reason(Why.NOBODY_JUDGES, _age(self.judged_at, now))
        return ""

    def as_json(self) -> dict[str, Any]:
        return {
            "canary_stored_at": _text(self.stored_at),
            "judged_at": _text(self.judged_at),
            "not_delivered": self.waiting,
            "not_delivered_since": _text(self.waiting_since),
        }


def due_signs(now: datetime) -> list[int]:
    return list(_due(now).order_by("pk").values_list("pk", flat=True))


def give_sign(receiver: int, now: datetime) -> bool:
    """Send the sign of life of this minute, unless somebody else does or the chain is broken; whether it arrived."""
    if not _due(now).filter(pk=receiver).update(sign_due_at=now + EVERY):
        return False
    one = Receiver.objects.get(pk=receiver)
    failure = Chain.now().failure(now) or _send(one, now)
    noted = {"sign_failure": failure} if failure else {"sign_failure": "", "sign_sent_at": now}
    Receiver.objects.filter(pk=receiver).update(**noted)
    return not failure


def _send(one: Receiver, now: datetime) -> str:
    environment = SystemSettings.current().environment_name
    body = event_body("sign of life", now, {"environment": environment, **Chain.now().as_json()})
    try:
        post_signed(one, f"msg_{uuid4().hex}", body, "application/json", now)
    except NotSentError as error:
        return str(error)
    return ""


def _due(now: datetime) -> Any:
    due = Q(sign_due_at=None) | Q(sign_due_at__lte=now)
    return Receiver.objects.filter(due, kind=ReceiverKind.LIFE_SIGN, is_active=True)


def _is_older(at: datetime | None, now: datetime, than: timedelta) -> bool:
    return at is None or now - at >= than


def _age(at: datetime | None, now: datetime) -> str:
    return f"{(now - at).total_seconds():.0f}" if at else _NEVER


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
