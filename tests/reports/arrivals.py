"""Messages that came in, recorded as the listener does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from concentrators.models import Concentrator
from smmeplus.dlms.kinds import Kind
from wakeup.models import Format
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record


def send(
    concentrator: Concentrator,
    *moments: str,
    kind: Kind = Kind.KEEPALIVE,
    source_ip: str = "10.60.0.7",
    port: int = 58692,
) -> None:
    """Record a message of ``kind`` at each of ``moments``, such as ``2020-09-24 10:18:46``, in UTC."""
    record(
        [
            Arrival(concentrator.serial_number, kind, Format.PUSH, utc(moment), source_ip=source_ip, port=port)
            for moment in moments
        ]
    )


def utc(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


def file_of(response: Any) -> bytes:
    """The exported file that ``response`` streams."""
    pieces: Iterable[bytes] = response.streaming_content
    return b"".join(pieces)
