"""The rows of a file of sightings, put together as one list for each concentrator and date (MET-2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from concentrators.importing.errors import RowError, shown
from concentrators.meters.lists import BadRow, ListedMeter
from concentrators.meters.spreadsheets.headers import CONCENTRATOR, METER
from concentrators.meters.spreadsheets.tables import CHUNK, Said, Table, said_in
from concentrators.meters.spreadsheets.values import NO_SWITCH, at_clocks
from concentrators.models import MeterState
from smmeplus.common.chunks import in_chunks
from smmeplus.common.progress import Progress, no_progress

#: How much later than its list a meter may have been seen: clocks differ.
LATE = timedelta(minutes=10)
MOST_BAD_ROWS = 1_000  # of a list
_TIMES = ("first_seen", "last_seen", "list_date")
_OF_THE_LIST = frozenset({CONCENTRATOR, METER, "list_date", "whole"})


class Place(NamedTuple):
    """A concentrator whose lists are taken, the clocks of its company, and the date of a list that states none."""

    key: int
    zone: ZoneInfo
    listed_at: datetime


#: The places of those serial numbers of which lists are taken.
LookUp = Callable[[Collection[str]], Mapping[str, Place]]


@dataclass
class SheetList:
    """What the file says of one concentrator at one moment. ``lines`` are those of its meters."""

    concentrator: str
    place: Place
    listed_at: datetime
    rows: list[ListedMeter] = field(default_factory=list)
    bad_rows: list[BadRow] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    says_whole: set[bool] = field(default_factory=set)
    is_readable: bool = True  # each row names its meter
    more: int = 0  # faults that are only counted

    def fault(self, *rows: BadRow) -> None:
        kept = rows[: MOST_BAD_ROWS - len(self.bad_rows)]
        self.bad_rows += kept
        self.more += len(rows) - len(kept)

    @property
    def faults(self) -> tuple[BadRow, ...]:
        more = [BadRow(0, "", _("%d more faults are not listed here.") % self.more)] if self.more else []
        return (*self.bad_rows, *more)

    def is_whole(self, by_default: bool) -> bool:
        """Not if a row names no meter: the one that it means would be missed. A row says more than the file does."""
        return self.is_readable and (self.says_whole == {True} if self.says_whole else by_default)


@dataclass
class Sheet:
    """``faults`` are of rows that belong to no list; ``passed_over`` has how many rows each other concentrator has."""

    lists: dict[tuple[str, datetime], SheetList] = field(default_factory=dict)
    faults: list[RowError] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)

    @property
    def in_order(self) -> list[SheetList]:
        """The oldest list of each concentrator first, so that none comes too late."""
        return sorted(self.lists.values(), key=lambda one: (one.concentrator, one.listed_at))


def read_sightings(table: Table, look_up: LookUp, progress: Progress = no_progress) -> Sheet:
    """Raises UnreadableFile if the rows cannot be read to the end."""
    reader, done = _Reader(look_up), 0
    for chunk in in_chunks(said_in(table), CHUNK):
        reader.add(chunk)
        done += len(chunk)
        progress(done)
    return reader.sheet


class _Reader:
    def __init__(self, look_up: LookUp) -> None:
        self.sheet = Sheet()
        self._look_up = look_up
        self._places: dict[str, Place | None] = {}

    def add(self, rows: list[Said]) -> None:
        named = {row.values[CONCENTRATOR] for row in rows if CONCENTRATOR in row.values}
        if new := named - self._places.keys():
            self._places |= dict.fromkeys(new) | dict(self._look_up(new))
        for row in rows:
            self._put(row)

    def _put(self, row: Said) -> None:
        found = self._list_of(row)
        if found is None:
            return
        name = row.values.get(METER)
        if name is None:
            found.is_readable = False
            if METER not in row.seen:
                row.faults.append(RowError(row.line, METER, "", _("Missing; every row needs a meter.")))
            found.fault(*_bad("", row))
        elif (first := found.lines.setdefault(name, row.line)) != row.line:
            found.fault(BadRow(row.line, name, _("Twice in the list; first in line %d.") % first))
        else:
            _check_times(row, found.listed_at)
            found.rows.append(_listed(name, row.values))
            found.fault(*_bad(name, row))

    def _list_of(self, row: Said) -> SheetList | None:
        """The list that ``row`` belongs to; None if it belongs to none, which is noted then."""
        serial = row.values.get(CONCENTRATOR)
        if serial is None:
            missing = RowError(row.line, CONCENTRATOR, "", _("Missing; every row needs a concentrator."))
            self.sheet.faults += [one for one in row.faults if one.column == CONCENTRATOR] or [missing]
            return None
        place = self._places[serial]
        if place is None:
            self.sheet.passed_over[serial] += 1
            return None
        _by_clocks(row, place.zone)
        if "list_date" in row.seen and "list_date" not in row.values:
            self.sheet.faults += [one for one in row.faults if one.column == "list_date"]
            return None
        listed_at = row.values.get("list_date", place.listed_at)
        found = self.sheet.lists.setdefault((serial, listed_at), SheetList(serial, place, listed_at))
        if "whole" in row.values:
            found.says_whole.add(row.values["whole"])
        return found


def _by_clocks(row: Said, zone: ZoneInfo) -> None:
    for name in _TIMES:
        if name in row.values:
            try:
                row.values[name] = at_clocks(row.values[name], zone)
            except ValidationError as error:
                _refuse(row, name, " ".join(error.messages))


def _check_times(row: Said, listed_at: datetime) -> None:
    for name in ("first_seen", "last_seen"):
        if name in row.values and row.values[name] > listed_at + LATE:
            _refuse(row, name, _("Later than the list, which is of %s.") % f"{listed_at:%Y-%m-%d %H:%M:%SZ}")
    if "first_seen" in row.values and "last_seen" in row.values and row.values["first_seen"] > row.values["last_seen"]:
        _refuse(row, "first_seen", _("Later than the last contact."))


def _refuse(row: Said, name: str, reason: str) -> None:
    del row.values[name]
    row.faults.append(RowError(row.line, name, row.seen[name], reason))


def _bad(meter: str, row: Said) -> list[BadRow]:
    meter = meter or shown(row.seen.get(METER, ""))
    return [BadRow(row.line, meter, _reason(fault), fault.shown_value) for fault in row.faults]


def _reason(fault: RowError) -> str:
    return f"{fault.column}: {fault.reason}" if fault.column else fault.reason


def _listed(name: str, values: dict[str, Any]) -> ListedMeter:
    said = {column: value for column, value in values.items() if column not in _OF_THE_LIST}
    if said.get("lsid") == NO_SWITCH:
        del said["lsid"]
    if "state" in said:
        said["state"] = MeterState(said["state"])
    return ListedMeter(name=name, **said)
