"""What a device's clock says, and the moment that this is in UTC (Blue Book 4.1.6.1).

A COSEM date-time has 12 bytes: ``year(2) month day weekday hour minute second hundredths deviation(2) status``.
A device with a broken clock is still alive, so a time that cannot be used is None and never an error.
"""

import struct
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from smmeplus.dlms.errors import FrameError

SIZE: Final = 12
MAX_DEVIATION: Final = 14 * 60  # minutes; no zone is further from UTC
UNSPECIFIED: Final = bytes.fromhex("ffff ff ff ff ff ff ff ff 8000 ff")

_FIELDS: Final = struct.Struct(">HBBBBBBBhB")
_NO_DEVIATION: Final = -0x8000
_NOT_SPECIFIED: Final = 0xFF
_INVALID: Final = 0x01
_DOUBTFUL: Final = 0x02
_SUMMER: Final = 0x80

# A day short of what Python can hold: the moment can then be shown in every zone.
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC) + timedelta(days=1)
_LATEST: Final = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)


class Clock(NamedTuple):
    #: Date and time of day on the device, without a zone.
    local: datetime
    #: Minutes to add to ``local`` for UTC; None if the device does not say.
    deviation: int | None = None
    #: Whether the device says that it is on summer time; None if it does not say.
    is_summer: bool | None = None
    #: Whether ``is_summer`` overrides the zone's calendar, as the S or W of a text telegram does.
    by_season: bool = False

    def to_utc(self, zone: tzinfo) -> datetime | None:
        """The moment in UTC, for a device in ``zone``; None if Python has no date for it."""
        try:
            moment = (self.local - self._offset(zone)).replace(tzinfo=UTC)
        except OverflowError:
            return None
        return moment if _EARLIEST <= moment <= _LATEST else None

    def _offset(self, zone: tzinfo) -> timedelta:
        if self.deviation is not None:
            return timedelta(minutes=-self.deviation)
        if self.by_season:
            return _winter_offset(zone, self.local.year) + timedelta(hours=1 if self.is_summer else 0)
        return self._calendar_offset(zone)

    def _calendar_offset(self, zone: tzinfo) -> timedelta:
        first, second = (_offset_at(self.local.replace(fold=fold), zone) for fold in (0, 1))
        if self.is_summer is None:
            return first
        # They differ in the hour that a change of the clocks repeats or skips; summer time is the one ahead.
        return max(first, second) if self.is_summer else min(first, second)


def decode_clock(value: bytes) -> Clock | None:
    """The 12 bytes of a COSEM date-time; None if they are not a usable time.

    That is, if a part down to the second is not specified or impossible, if the deviation is over ``MAX_DEVIATION``, or
    if the status says that the value is invalid. The weekday is ignored.
    """
    if len(value) != SIZE:
        return None
    year, month, day, _, hour, minute, second, hundredths, deviation, status = _FIELDS.unpack(value)
    if hundredths == _NOT_SPECIFIED:
        hundredths = 0
    try:
        local = datetime(year, month, day, hour, minute, second, hundredths * 10_000)  # noqa: DTZ001 - a wall clock
    except ValueError:
        return None
    if status == _NOT_SPECIFIED:
        is_summer = None
    elif status & _INVALID:
        return None
    else:
        is_summer = status & _SUMMER != 0
    if deviation == _NO_DEVIATION:
        return Clock(local, None, is_summer)
    return Clock(local, deviation, is_summer) if abs(deviation) <= MAX_DEVIATION else None


def is_doubtful(value: bytes) -> bool:
    """Whether the 12 bytes of a COSEM date-time say that the device cannot vouch for it, as after a loss of supply."""
    status = value[SIZE - 1]
    return status != _NOT_SPECIFIED and status & _DOUBTFUL != 0


def encode_clock(moment: datetime) -> bytes:
    """The aware ``moment`` as a COSEM date-time of 12 bytes, in its own zone, to the hundredth of a second.

    Raises FrameError for a naive one, and for one further than ``MAX_DEVIATION`` from UTC.
    """
    offset = moment.utcoffset()
    if offset is None:
        raise FrameError("a moment without a time zone cannot be sent")
    minutes, seconds = divmod(offset, timedelta(minutes=1))
    if abs(minutes) > MAX_DEVIATION:
        raise FrameError(f"{minutes} minutes from UTC are more than any zone has")
    local = moment.replace(tzinfo=None) - seconds  # a deviation is in whole minutes, historic offsets are not
    status = _SUMMER if moment.dst() else 0
    return _FIELDS.pack(
        local.year,
        local.month,
        local.day,
        local.isoweekday(),
        local.hour,
        local.minute,
        local.second,
        local.microsecond // 10_000,
        -minutes,
        status,
    )


def _winter_offset(zone: tzinfo, year: int) -> timedelta:
    # North and south of the equator alike: winter is in January or in July.
    return min(_offset_at(datetime(year, month, 1), zone) for month in (1, 7))  # noqa: DTZ001 - a wall clock


def _offset_at(local: datetime, zone: tzinfo) -> timedelta:
    return local.replace(tzinfo=zone).utcoffset() or timedelta(0)
