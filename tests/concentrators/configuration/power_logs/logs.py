"""Devices that keep a log of their power failures, on a clock that is moved (STA-11)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from concentrators.configuration.power_logs.steps import LogTarget, ReadLog, read_log
from concentrators.configuration.procedure import Found, Target
from concentrators.configuration.values import identities
from concentrators.models import ConcentratorType
from smmeplus.dlms import data as d
from smmeplus.dlms.access.attributes import Attribute, logical_name
from smmeplus.dlms.access.coding.initiate import WITH_SELECTIVE_ACCESS
from smmeplus.dlms.access.profile_generic import (
    BUFFER,
    CAPTURE_OBJECTS,
    CLOCK,
    PROFILE_CLASS,
    Column,
    encode_columns,
)
from smmeplus.dlms.access.server import Item, Server
from smmeplus.dlms.access.values import SERIAL
from smmeplus.dlms.clock import encode_clock
from smmeplus.dlms.framing.wrapper import HEADER_SIZE
from tests.smmeplus.dlms.access.device import talk

CERCO1 = ConcentratorType(name="CERCO1")
NAME = logical_name("1-0:99.97.0.255")
LOG = Attribute(PROFILE_CLASS, NAME, BUFFER)
COLUMNS = Attribute(PROFILE_CLASS, NAME, CAPTURE_OBJECTS)
DURATION = Attribute(1, logical_name("0-0:96.7.19.255"), 2)
REGISTER = Attribute(3, logical_name("0-0:96.7.19.255"), 2)
SERIAL_NUMBER = "EPL1000400000042"
#: Half an hour before midnight by UTC, on the day on which the clocks of Chile go back.
NOW = datetime(2027, 4, 3, 23, 30, tzinfo=UTC)


def time(at: datetime, status: int | None = None) -> d.Data:
    octets = encode_clock(at)
    return d.OCTET_STRING, octets if status is None else octets[:-1] + bytes((status,))


def entry(at: datetime, seconds: int = 60) -> d.Data:
    return d.STRUCTURE, [time(at), (d.DOUBLE_LONG_UNSIGNED, seconds)]


def log_of(*entries: d.Data) -> d.Data:
    return d.ARRAY, list(entries)


def items(buffer: d.Data, *, clock: d.Data | None = None, columns: Sequence[Attribute] = (CLOCK, DURATION)) -> Any:
    """Those of a device whose clock is right, unless ``clock`` says otherwise."""
    return {
        SERIAL: Item((d.OCTET_STRING, SERIAL_NUMBER.encode())),
        CLOCK: Item(clock or time(NOW)),
        LOG: Item(buffer),
        COLUMNS: Item(encode_columns([Column(attribute) for attribute in columns])),
    }


class Recorded(Server):
    """Keeps the APDUs that it is asked."""

    def __init__(self, items: Any, **options: Any) -> None:
        super().__init__(items, **{"services": WITH_SELECTIVE_ACCESS} | options)
        self.asked: list[bytes] = []

    def receive(self, data: bytes) -> bytes:
        self.asked.append(data[HEADER_SIZE:])
        return super().receive(data)

    def asks_for(self, attribute: Attribute) -> int:
        """How often that was asked for."""
        return sum(attribute.logical_name + bytes((attribute.number,)) in apdu for apdu in self.asked)


def read(
    device: Server, known_until: datetime | None = None, zone: tzinfo = UTC, serial: str = SERIAL_NUMBER
) -> ReadLog:
    target = LogTarget(Target(serial, identities(CERCO1), ()), NAME, zone, known_until)
    return talk(read_log(target, Found(lambda: NOW)), device.receive)


def ends(log: ReadLog) -> list[tuple[timedelta, int]]:
    """How long before NOW the supply was back, and the duration."""
    return [(NOW - one.ended_at, one.duration_s) for one in log.failures]
