"""Stray frames and the users who look after them, for the tests of their pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.urls import reverse

from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification
from wakeup.models import Format, StrayFrame, StrayReason
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

VIEW = "wakeup.view_strayframe"
CHANGE = "wakeup.change_strayframe"
ADD = "concentrators.add_concentrator"
HTMX = {"HX-Request": "true"}
AT = datetime(2026, 3, 14, 7, 15, tzinfo=UTC)
SERIAL = "16CEC50610099999"
URL = reverse("wakeup:strays")
GONE = "This sender is no longer listed: somebody has dealt with it meanwhile."


def make_stray(sender: str = SERIAL, reason: StrayReason = StrayReason.UNKNOWN, **values: Any) -> StrayFrame:
    """A row of one keep-alive of ``sender`` unless ``values`` say otherwise."""
    usual: dict[str, Any] = {
        "detail": "keepalive",
        "first_at": AT,
        "last_at": AT,
        "count": 1,
        "source_ip": "10.20.30.40",
        "last_bytes": push_notification(SERIAL, Kind.KEEPALIVE),
    }
    return StrayFrame.objects.create(sender=sender, reason=reason, **usual | values)


def send(serial: str = SERIAL, raw: bytes = b"\x00") -> None:
    """Record a keep-alive of ``serial`` as the listener does."""
    record([Arrival(serial, Kind.KEEPALIVE, Format.PUSH, AT, "10.20.30.40", 58692, raw=raw)])
