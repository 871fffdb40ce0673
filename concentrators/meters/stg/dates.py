"""Dates as concentrators write them: local time of the company, with a letter for summer or winter (MET-2).

``20261129143000000S`` is 14 digits, 3 for milliseconds, and ``S`` or ``W``; the last two may be left out. Some devices
send the 12 bytes of a COSEM date-time in hexadecimal (``07EA0B1D…``). All F, zeros and a year before 2000 are no dates.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import cast

from smmeplus.dlms.clock import SIZE, Clock, decode_clock

_WRITTEN = re.compile(r"([0-9]{14})(?:[0-9]{3})?([SWsw]?)")
_HEXADECIMAL = re.compile(rf"[0-9A-Fa-f]{{{2 * SIZE}}}")
_YEARS = range(2000, 2100)


def read_date(text: str) -> Clock | None:
    """What a device's clock has shown; None for anything else."""
    found = _WRITTEN.fullmatch(text)
    if found:
        digits, season = found[1], found[2].upper()
        clock = _clock(digits, season)
    else:
        clock = decode_clock(bytes.fromhex(text)) if _HEXADECIMAL.fullmatch(text) else None
    return clock if clock and clock.local.year in _YEARS else None


def moment_of(clock: Clock, zone: tzinfo) -> datetime:
    """The moment in UTC. The letter decides: a device sets it together with its clock.

    So it tells the two hours apart that have the same name when the clocks go back. Where it contradicts the zone, as
    in January with ``W`` in Chile, the device has not changed its clock when the zone did, and the letter is right all
    the same; see :func:`is_contradicted`. Of a zone without seasons the letter says nothing.
    """
    if clock.by_season:
        offset = _offset_of_season(zone, clock.local.year, clock.is_summer)
        if offset is not None:
            return clock.local.replace(tzinfo=UTC) - offset
        clock = Clock(clock.local)
    return cast("datetime", clock.to_utc(zone))  # which is None for years that no date here has


def is_contradicted(clock: Clock, moment: datetime, zone: tzinfo) -> bool:
    """Whether no clock in ``zone`` has shown this: by its letter, or in the hour that is skipped in spring."""
    return clock.deviation is None and moment.astimezone(zone).replace(tzinfo=None) != clock.local


def _clock(digits: str, season: str) -> Clock | None:
    try:
        local = datetime(  # noqa: DTZ001 - a wall clock
            int(digits[:4]),
            int(digits[4:6]),
            int(digits[6:8]),
            int(digits[8:10]),
            int(digits[10:12]),
            int(digits[12:]),
        )
    except ValueError:
        return None
    return Clock(local, is_summer=season == "S", by_season=True) if season else Clock(local)


@lru_cache(maxsize=256)
def _offset_of_season(zone: tzinfo, year: int, is_summer: bool | None) -> timedelta | None:
    """How far local time is ahead of UTC; None in a year without seasons. All rows of a list ask the same."""
    quarters = [datetime(year, month, 1, tzinfo=zone).utcoffset() for month in (1, 4, 7, 10)]
    if len(set(quarters)) == 1:
        return None
    new_year = datetime(year, 1, 1)  # noqa: DTZ001 - a wall clock
    moment = Clock(new_year, is_summer=is_summer, by_season=True).to_utc(zone)
    return new_year.replace(tzinfo=UTC) - moment if moment else None
