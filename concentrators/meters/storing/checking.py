"""What of a list can be believed (MET-3): its date, its rows, and the times in them. Pure.

What cannot is left out and becomes a bad row with its reason; the rest of the row counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop

from concentrators.meters.lists import BadRow, ListedMeter, ReceivedList
from concentrators.models.meters import METER_NAME, MeterSource

#: A contact may lie that much behind the date of its list: a list takes time to be written.
WRITING_TIME: Final = timedelta(minutes=10)
#: A list that lies further ahead is of a clock that is wrong. Believed, it would make all later lists older ones.
AHEAD: Final = timedelta(days=1)
_NAME = re.compile(METER_NAME)
Key = str | tuple[str, date | None]


@dataclass(frozen=True, slots=True)
class Checked:
    """``rows`` by name, by MAC (S11) or by name and day (G02); ``named`` are all meters that the list names."""

    at: datetime
    rows: dict[Key, ListedMeter]
    bad_rows: list[BadRow]
    named: set[str]


def check(received: ReceivedList, now: datetime, zone: ZoneInfo) -> Checked:
    """``zone`` is the one in which days of availability are told."""
    bad = list(received.bad_rows)
    at = received.listed_at
    if at > now + AHEAD:
        bad.append(
            BadRow(0, "", gettext_noop("The date of the list lies ahead: the date of its receipt counts."), _text(at))
        )
        at = now
    rows: dict[Key, ListedMeter] = {}
    last_day = at.astimezone(zone).date()
    for line, row in enumerate(received.rows, start=1):
        faults = list(_faults(row, received.source, at, last_day))
        key = _key(row, received.source, last_day)
        if key in rows:
            faults = [(None, gettext_noop("The list has this meter twice: its first row counts."), row.name or row.mac)]
        bad += [BadRow(line, row.name or row.mac, reason, seen) for _field, reason, seen in faults]
        if all(field is not None for field, _reason, _seen in faults):
            rows[key] = _without({str(field) for field, *_ in faults}, row) if faults else row
    named = {row.name for row in received.rows} | {row.meter for row in received.bad_rows}
    return Checked(at, rows, bad, named)


def _without(fields: Iterable[str], row: ListedMeter) -> ListedMeter:
    nothing: dict[str, Any] = dict.fromkeys(fields)
    return replace(row, **nothing)


def _key(row: ListedMeter, source: MeterSource, last_day: date) -> Key:
    if source == MeterSource.S11:
        return row.mac
    return (row.name, row.day or last_day) if source == MeterSource.G02 else row.name


_Fault = tuple[str | None, str, str]


def _faults(row: ListedMeter, source: MeterSource, at: datetime, last_day: date) -> Iterator[_Fault]:
    """Each as (field that does not count, reason, what was seen); field None: the whole row does not."""
    if source == MeterSource.S11:
        if not row.mac:
            yield None, gettext_noop("The row has no MAC."), ""
    elif not _NAME.fullmatch(row.name):
        yield None, gettext_noop("A meter name is 1 to 32 letters from A to Z and digits."), row.name[:32]
    latest = at + WRITING_TIME
    for name, moment in (("first_seen", row.first_seen), ("last_seen", row.last_seen)):
        if moment is not None and moment > latest:
            yield name, gettext_noop("The time lies after the date of the list."), _text(moment)
    if row.availability is not None and not 0 <= row.availability <= 100:
        yield "availability", gettext_noop("An availability is 0 to 100 %."), str(row.availability)
    if row.day is not None and row.day > last_day:
        yield "availability", gettext_noop("The day lies after the date of the list."), row.day.isoformat()


def _text(moment: datetime) -> str:
    return moment.isoformat()
