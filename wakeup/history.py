"""History from an older system: messages in a CSV file, recorded by the same code as the listener's (LIS-9)."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import BinaryIO, TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from concentrators.importing.errors import RowError, UnreadableFile
from concentrators.importing.reading import read_text
from concentrators.importing.rows import FileRow
from smmeplus.common.chunks import in_chunks
from smmeplus.common.networks import MAX_PORT, parse_port
from smmeplus.dlms.kinds import KIND_BY_WORD, Kind
from wakeup.locks import hold_counting_zones
from wakeup.models import Format, Message, Retention
from wakeup.recording.arrivals import Arrival
from wakeup.recording.lookup import Known, look_up
from wakeup.recording.recorder import record_history
from wakeup.retention.partitions import make_room_for_history

COLUMNS = ("serial_number", "received_at", "ip_address", "port", "kind")
ROWS_AT_ONCE = 5_000
MAX_ERRORS = 1_000  # listed; what is beyond is only counted
CLOCK_TOLERANCE = timedelta(minutes=5)

T = TypeVar("T")


class HistoryRefused(Exception):  # noqa: N818 - what the operator is told
    """The file has errors; nothing was written. ``errors`` are the first of ``count``."""

    def __init__(self, errors: list[RowError], count: int) -> None:
        super().__init__(_("%d errors; nothing was written.") % count)
        self.errors = errors
        self.count = count


@dataclass(slots=True)
class Imported:
    """Numbers of rows: recorded now, and recorded before by an earlier import of the same messages."""

    recorded: int = 0
    recorded_before: int = 0


def import_history(source: BinaryIO) -> Imported:
    """Record every message of ``source``, a seekable CSV in UTF-8, in one transaction.

    Raises UnreadableFile if it is not such a file, and HistoryRefused with all wrong rows, unknown serial numbers and
    times before which messages were pruned; nothing is written then. A message that was recorded before, with the same
    time, is not counted again.
    """
    with transaction.atomic():
        hold_counting_zones()
        pruned_before = Retention.pruned_until()
        days = _check(source)
    # In transactions of its own: readers would otherwise wait for a new partition until the import ends.
    make_room_for_history(days, timezone.now())
    with transaction.atomic():
        hold_counting_zones()
        imported = Imported()
        for arrivals in in_chunks(map(_arrival, _rows(source)), ROWS_AT_ONCE):
            known = look_up({arrival.serial for arrival in arrivals})
            new = _not_yet_recorded(arrivals, known)
            record_history(new, known)
            imported.recorded += len(new)
            imported.recorded_before += len(arrivals) - len(new)
        if Retention.pruned_until() != pruned_before:
            _check(source)  # messages pruned meanwhile may have been counted again
        return imported


def _check(source: BinaryIO) -> set[date]:
    """The days (UTC) of the messages. Reads the whole file and writes nothing, so that all errors are known first."""
    errors: list[RowError] = []
    count = 0
    seen: dict[tuple[str, datetime, int], int] = {}
    pruned_before = Retention.pruned_until()
    for rows in in_chunks(_rows(source), ROWS_AT_ONCE):
        for error in _errors_of(rows, seen, pruned_before):
            count += 1
            if len(errors) < MAX_ERRORS:
                errors.append(error)
    if not seen and not count:
        raise UnreadableFile(_("The file holds no message: there is nothing below its header."))
    if errors:
        raise HistoryRefused(errors, count)
    return {received_at.date() for _serial, received_at, _kind in seen}


def _errors_of(
    rows: list[FileRow], seen: dict[tuple[str, datetime, int], int], pruned_before: datetime | None
) -> Iterator[RowError]:
    parsed: list[tuple[int, Arrival]] = []
    for row in rows:
        try:
            parsed.append((row.line, _arrival(row)))
        except _WrongCells as wrong:
            yield from wrong.errors
    known = look_up({arrival.serial for _line, arrival in parsed})
    for line, arrival in parsed:
        if arrival.serial not in known:
            yield RowError(line, "serial_number", arrival.serial, _("there is no such concentrator"))
        if pruned_before and arrival.received_at < pruned_before:
            yield RowError(line, "received_at", arrival.received_at.isoformat(), _pruned(pruned_before))
        first = seen.setdefault((arrival.serial, arrival.received_at, arrival.kind), line)
        if first != line:
            yield RowError(line, "", "", _("the same message as on line %d") % first)


def _pruned(before: datetime) -> str:
    return _("messages from before %s were pruned: whether this one was counted cannot be told") % before.isoformat()


def _rows(source: BinaryIO) -> Iterator[FileRow]:
    source.seek(0)
    rows = (row for row in read_text(source, "utf-8-sig") if any(cell.strip() for cell in row.cells))
    header = next(rows, None)
    if header is None:
        raise UnreadableFile(_("The file is empty."))
    if tuple(cell.strip().lower() for cell in header.cells) != COLUMNS:
        raise UnreadableFile(_("The first line must be: %s") % ",".join(COLUMNS))
    return rows


def _not_yet_recorded(arrivals: list[Arrival], known: dict[str, Known]) -> list[Arrival]:
    recorded = set(
        Message.objects.filter(
            concentrator__in={one.concentrator_id for one in known.values()},
            received_at__in={arrival.received_at for arrival in arrivals},
        ).values_list("concentrator_id", "received_at", "kind")
    )
    return [
        arrival
        for arrival in arrivals
        if (known[arrival.serial].concentrator_id, arrival.received_at, arrival.kind) not in recorded
    ]


class _WrongCells(Exception):  # noqa: N818
    def __init__(self, errors: list[RowError]) -> None:
        self.errors = errors


def _arrival(row: FileRow) -> Arrival:
    """The message of a row. Raises _WrongCells with every cell that is wrong."""
    if len(row.cells) != len(COLUMNS):
        reason = _("%(found)d columns where %(right)d are due") % {"found": len(row.cells), "right": len(COLUMNS)}
        raise _WrongCells([RowError(row.line, "", "", reason)])
    cells = _Cells(row)
    serial = cells.read("serial_number", str.upper)
    received_at = cells.read("received_at", _time)
    address = cells.read("ip_address", _address)
    port = cells.read("port", _port)
    kind = cells.read("kind", _kind)
    if serial is None or received_at is None or address is None or port is None or kind is None:
        raise _WrongCells(cells.errors)
    return Arrival(serial, kind, Format.IMPORT, received_at, address, port)


class _Cells:
    def __init__(self, row: FileRow) -> None:
        self._line = row.line
        self._cells = dict(zip(COLUMNS, map(str.strip, row.cells), strict=True))
        self.errors: list[RowError] = []

    def read(self, column: str, parse: Callable[[str], T]) -> T | None:
        """The cell's value; None, and an error more, if it is wrong."""
        try:
            return parse(self._cells[column])
        except ValueError as error:
            self.errors.append(RowError(self._line, column, self._cells[column], str(error)))
            return None


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None:
        raise ValueError(_("a time is written like 2020-09-24T10:18:46-03:00, with its offset"))
    if moment > timezone.now() + CLOCK_TOLERANCE:
        raise ValueError(_("this is in the future"))
    return moment.astimezone(UTC)


@lru_cache(maxsize=65_536)  # concentrators keep theirs for thousands of rows
def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError(_("an IP address is written like 10.60.0.10")) from None


def _port(text: str) -> int:
    try:
        return parse_port(text)
    except ValueError:
        raise ValueError(_("a port is a number from 1 to %d") % MAX_PORT) from None


def _kind(text: str) -> Kind:
    try:
        return KIND_BY_WORD[text.lower()]
    except KeyError:
        raise ValueError(_("a kind is one of %s") % ", ".join(KIND_BY_WORD)) from None
