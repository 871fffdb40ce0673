"""Meter lists of concentrators that nobody has, in the inbox of unknown senders (LIS-6, MET-2)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from concentrators.meters.importing.unknown import unknown_list
from concentrators.models import MeterSource
from wakeup.formats import MAX_FRAME
from wakeup.models import StrayReason
from wakeup.models.strays import NO_ADDRESS, Stray
from wakeup.recording.inbox import count_strays

_SERIAL_NUMBER = re.compile(r"[0-9A-Z](?:[0-9A-Z-]{0,30}[0-9A-Z])?")


@receiver(unknown_list, dispatch_uid="unknown lists in the inbox")
def keep_in_inbox(
    *, serial: str, file_name: str, content: bytes, source: MeterSource, at: datetime, **_others: Any
) -> None:
    """Count the sender, with the beginning of the file. What is no serial number can be no concentrator's."""
    reason = StrayReason.UNKNOWN if _SERIAL_NUMBER.fullmatch(serial) else StrayReason.NAMELESS
    said = f"meter list {source} {file_name}"
    with transaction.atomic():
        count_strays([Stray(reason, serial, at, NO_ADDRESS, content[:MAX_FRAME], said)])
