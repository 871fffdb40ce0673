"""The load of all loads: confirmed messages of known concentrators."""

from __future__ import annotations

from collections.abc import Iterable

from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import confirmation, push_notification
from tests.bench.sender import Load

_INVOKE = b"\x40\x00\x00\x01"  # confirmed, invoke id 1
_PORTS = (1, 1)


def keepalives(serial_numbers: Iterable[str]) -> Load:
    """One keep-alive of each concentrator, in this order."""
    return _one_of_each(serial_numbers, Kind.KEEPALIVE)


def boots(serial_numbers: Iterable[str]) -> Load:
    """One boot of each concentrator, in this order."""
    return _one_of_each(serial_numbers, Kind.BOOT)


def _one_of_each(serial_numbers: Iterable[str], kind: Kind) -> Load:
    frames = (push_notification(serial, kind, ports=_PORTS) for serial in serial_numbers)
    return Load(tuple(frames), confirmation(_INVOKE, *_PORTS))
