"""How the log of one concentrator is read, as steps of a conversation without a socket (STA-11, CFG-3).

Who answers is asked first, as before a write. The times in a log are by the device's clock, which may be wrong. So the
clock is read in the same association, and an entry ended at its time + (now - the device's clock). A clock that is
refused, not set, invalid or doubtful corrects nothing: the entries, each with its own status, are then all there is. An
entry that ends later than now, corrected or not, cannot be true, and is skipped like those that cannot be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from fractions import Fraction
from typing import Final, NamedTuple

from concentrators.configuration.procedure import Found, Target, meet, part
from smmeplus.dlms.access.attributes import Attribute
from smmeplus.dlms.access.client import Bounds, Client
from smmeplus.dlms.access.coding.initiate import WITH_SELECTIVE_ACCESS, Conformance
from smmeplus.dlms.access.coding.requests import Selection
from smmeplus.dlms.access.conversation import Steps
from smmeplus.dlms.access.errors import AccessError, DeviceRefusedError, RequestTooLongError
from smmeplus.dlms.access.names import CLASS_INCONSISTENT, OBJECT_UNDEFINED
from smmeplus.dlms.access.power_failures import (
    CERCO1,
    REGISTERS,
    SCALER_UNIT,
    Layout,
    LoggedFailure,
    clock_in,
    failures_in,
    layout_of,
    unit_of,
)
from smmeplus.dlms.access.profile_generic import (
    BUFFER,
    CAPTURE_OBJECTS,
    CLOCK,
    PROFILE_CLASS,
    Column,
    Range,
    decode_columns,
    encode_range,
)
from smmeplus.dlms.clock import encode_clock
from smmeplus.dlms.data import Data

#: 10,000 entries of CERCO1 are 210 kB. In blocks of a device that sends 128 bytes at a time that is as many as these.
LOG_BOUNDS: Final = Bounds(octets=240_000, blocks=2_000)
#: An entry is dated to the second, and a reply takes its time.
TOLERANCE: Final = timedelta(minutes=1)
#: Devices compare the times of a range as they stand, without regard to their deviations.
MARGIN: Final = timedelta(days=2)
_NO_SHIFT: Final = timedelta(0)


class NoLogError(AccessError):
    """The device has no such log: there is no use in trying again."""


@dataclass(frozen=True)
class LogTarget:
    """Whose log: where it is, the ``zone`` of a clock that names none, and the last entry that is known, if any.

    ``known_until`` is by the device's clock.
    """

    device: Target
    log: bytes
    zone: tzinfo
    known_until: datetime | None = None


class ReadFailure(NamedTuple):
    """An entry: ``device_at`` is by the device's clock, ``ended_at`` by ours."""

    device_at: datetime
    ended_at: datetime
    duration_s: int


class ReadLog(NamedTuple):
    failures: list[ReadFailure]
    skipped: int


def read_log(target: LogTarget, found: Found) -> Steps[ReadLog]:
    """What the log has. Raises FrameError and its kinds; ``found`` tells how far it got."""
    client = target.device.client(WITH_SELECTIVE_ACCESS)
    services = yield from meet(client, target.device, found)
    layout, unit = yield from _layout(client, target.log)
    clock = yield from _read_clock(client, target.zone)
    now = found.clock()
    shift = now - clock if clock else _NO_SHIFT
    since = _since(target, layout, clock) if services & Conformance.SELECTIVE_ACCESS else None
    buffer = yield from _read_buffer(client, Attribute(PROFILE_CLASS, target.log, BUFFER), since)
    log = failures_in(buffer, layout, unit)
    yield from part(client)
    dated = (_dated(one, target.zone, shift, now + TOLERANCE) for one in log.failures)
    failures = [one for one in dated if one is not None]
    return ReadLog(failures, log.skipped + len(log.failures) - len(failures))


def _layout(client: Client, log: bytes) -> Steps[tuple[Layout, Fraction]]:
    """As the capture objects say, and what a duration of 1 is in seconds; that of CERCO1 if they are not shown."""
    try:
        columns = decode_columns((yield from client.read(Attribute(PROFILE_CLASS, log, CAPTURE_OBJECTS))))
    except DeviceRefusedError:
        columns = []
    if not columns:
        return CERCO1, Fraction(1)
    layout = layout_of(columns)
    return layout, (yield from _unit(client, layout.duration_of))


def _unit(client: Client, register: Attribute | None) -> Steps[Fraction]:
    if register is None or register.class_id not in REGISTERS:
        return Fraction(1)
    try:
        return unit_of((yield from client.read(register._replace(number=SCALER_UNIT))))
    except DeviceRefusedError:
        return Fraction(1)


def _read_clock(client: Client, zone: tzinfo) -> Steps[datetime | None]:
    """The time by the device's clock; None if it has none that it vouches for."""
    try:
        clock = clock_in((yield from client.read(CLOCK)))
    except DeviceRefusedError:
        return None
    return clock.to_utc(zone) if clock else None


def _since(target: LogTarget, layout: Layout, clock: datetime | None) -> Selection | None:
    """What may have come since the last reading; None for all, also if the clock has been put back since."""
    known = target.known_until
    if known is None or clock is None or clock < known:
        return None
    try:
        begin, end = (encode_clock(at) for at in (known - MARGIN, clock + MARGIN))
    except OverflowError:
        return None
    return encode_range(Range(Column(layout.clock_of), begin, end))


def _read_buffer(client: Client, buffer: Attribute, selection: Selection | None) -> Steps[Data]:
    """All of it if the device refuses a part."""
    if selection is not None:
        try:
            return (yield from client.read(buffer, selection, LOG_BOUNDS))
        except (DeviceRefusedError, RequestTooLongError):
            pass
    try:
        return (yield from client.read(buffer, bounds=LOG_BOUNDS))
    except AccessError as error:
        if error.result in (OBJECT_UNDEFINED, CLASS_INCONSISTENT):
            raise NoLogError(error.result, str(buffer)) from None
        raise


def _dated(one: LoggedFailure, zone: tzinfo, shift: timedelta, latest: datetime) -> ReadFailure | None:
    """None for one that has no date in our calendar, or lies ahead."""
    device_at = one.clock.to_utc(zone)
    if device_at is None:
        return None
    try:
        ended_at = device_at + shift
        began_at = ended_at - timedelta(seconds=one.duration_s)
    except OverflowError:
        return None
    is_possible = began_at > datetime.min.replace(tzinfo=UTC) + MARGIN and ended_at <= latest
    return ReadFailure(device_at, ended_at, one.duration_s) if is_possible else None
