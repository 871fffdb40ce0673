"""The reports of a file, one for each list of each concentrator (MET-2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from concentrators.importing.errors import storable
from concentrators.meters.lists import ReceivedList
from concentrators.meters.stg.dates import is_contradicted, moment_of, read_date
from concentrators.meters.stg.errors import StgError
from concentrators.meters.stg.found import CONCENTRATOR, DEVICE, REPORT, Part, parts_of, unknown_of
from concentrators.meters.stg.names import FileName
from concentrators.meters.stg.rows import READERS
from concentrators.meters.stg.sheet import Row, Sheet
from concentrators.meters.stg.xml import Element
from concentrators.models.meters import MeterSource
from smmeplus.dlms.clock import Clock

LONGEST_ID, LONGEST_VERSION, LONGEST_FILE_NAME = 64, 16, 255
_LARGEST_REQUEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ConcentratorReport:
    """One list of one concentrator. ``is_there`` is false if the report names a concentrator and has no list of it,
    which is no empty list. ``unknown``: attributes of its rows that mean nothing here.
    """

    concentrator: str
    source: MeterSource
    version: str
    request_id: int | None
    is_there: bool
    unknown: tuple[str, ...] = ()
    _part: Part | None = field(default=None, repr=False)
    _dates: tuple[Clock, ...] = field(default=(), repr=False)
    _is_dated_by_name: bool = field(default=False, repr=False)

    def received(
        self,
        concentrator_id: int,
        zone: ZoneInfo,
        sha256: str,
        file_name: str = "",
        received_by: int | None = None,
    ) -> ReceivedList | None:
        """The list as of the concentrator with this key, whose company is in ``zone``; None if there is none.

        Only S24 is whole. A part whose rows are dated, as G02, has the date of the newest one. What is wrong with a
        row is in ``bad_rows``, and what is good of it in ``rows``.
        """
        if self._part is None:
            return None
        clock, listed_at = max(((clock, moment_of(clock, zone)) for clock in self._dates), key=lambda date: date[1])
        is_odd = is_contradicted(clock, listed_at, zone)
        sheet = Sheet(zone, listed_at, is_odd)
        self._note_date(sheet, self._part, is_odd)
        READERS[self.source](self._part.rows, sheet)
        return ReceivedList(
            concentrator_id,
            self.source,
            listed_at,
            whole=self.source == MeterSource.S24,
            sha256=sha256,
            rows=tuple(sheet.rows),
            bad_rows=tuple(sheet.bad_rows),
            version=self.version,
            request_id=self.request_id,
            file_name=storable(file_name)[:LONGEST_FILE_NAME],
            received_by=received_by,
        )

    def _note_date(self, sheet: Sheet, part: Part, is_odd: bool) -> None:
        of_the_list = Row("", part.dates[0])
        if self._is_dated_by_name:
            sheet.fault(
                of_the_list, gettext_noop("The list has no date Fh; that of the file's name counts."), part.date
            )
        elif is_odd:
            reason = gettext_noop(
                "The list's date is a time that the company's time zone does not have; its letter was followed."
            )
            sheet.fault(of_the_list, reason, part.dates[0].attributes.get("Fh", ""))


def reports_of(root: Element, name: FileName, sender: str, request_id: int | None) -> list[ConcentratorReport]:
    """``sender`` and ``request_id`` are those of the envelope, empty and None without one. Raises StgError."""
    found: list[ConcentratorReport] = []
    for report in [root] if root.name == REPORT else list(root.within(REPORT)) or [root]:
        for written, scope in _scopes(report, sender or name.concentrator):
            concentrator = _id_of(written, scope)
            if sender and concentrator != sender:
                words = {"sender": sender, "concentrator": concentrator}
                raise StgError(
                    _("The message is of %(sender)s (IdDC), the report in it of %(concentrator)s (Cnc Id).") % words
                )
            found += _of_concentrator(report, scope, concentrator, name, request_id)
    return found


def _scopes(report: Element, otherwise: str) -> list[tuple[str, Element]]:
    """What belongs to which concentrator. Devices of S11 may stand beside its element, or have none at all."""
    scopes = list(report.within(CONCENTRATOR))
    if len(scopes) < 2 and any(element.name == DEVICE for element in report.within(CONCENTRATOR, DEVICE)):
        return [(scopes[0].attributes.get("Id", "") if scopes else otherwise, report)]
    return [(scope.attributes.get("Id", ""), scope) for scope in scopes]


def _of_concentrator(
    report: Element, scope: Element, concentrator: str, name: FileName, request_id: int | None
) -> Iterator[ConcentratorReport]:
    kind = report.attributes.get("IdRpt", "").strip().upper()
    version = report.attributes.get("Version", "").strip()[:LONGEST_VERSION]
    request = first_number(report.attributes.get("IdPet", ""), request_id, name.request_id)
    parts = _merged(parts_of(scope, kind))
    for part in parts:
        dates, is_by_name = _dates_of(part, name.made, concentrator)
        unknown = tuple(sorted(unknown_of(part)))
        yield ConcentratorReport(concentrator, part.source, version, request, True, unknown, part, dates, is_by_name)
    if not parts and kind in READERS:
        yield ConcentratorReport(concentrator, MeterSource(kind), version, request, is_there=False)


def first_number(text: str, *others: int | None) -> int | None:
    """``text`` as a decimal number that a database can hold, else the first of ``others`` that is known."""
    digits = text.strip()
    known = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 20 else None
    return next((number for number in (known, *others) if number is not None and number <= _LARGEST_REQUEST), None)


def _merged(parts: list[Part]) -> list[Part]:
    """Pieces of one list are one list: those of one source and date."""
    whole: dict[tuple[str, str], Part] = {}
    for part in parts:
        known = whole.setdefault((part.source, part.date), part)
        if known is not part:
            known.rows.extend(part.rows)
            known.dates.extend(part.dates)
    return list(whole.values())


def _dates_of(part: Part, made: datetime | None, concentrator: str) -> tuple[tuple[Clock, ...], bool]:
    """What may date the list, and whether that is nothing but the file's name."""
    texts = {element.attributes.get("Fh", "").strip(): element for element in part.dates}
    clocks = tuple(clock for clock in map(read_date, texts) if clock)
    if clocks:
        return clocks, False
    if made:
        return (Clock(made),), True
    words = {
        "source": part.source,
        "concentrator": concentrator,
        "line": part.dates[0].line,
        "seen": part.dates[0].attributes.get("Fh", "")[:40],
    }
    raise StgError(
        _("Line %(line)d: the %(source)s of %(concentrator)s has no date: Fh is “%(seen)s”. Nothing was read.") % words
    )


def _id_of(text: str, element: Element) -> str:
    text = text.strip()
    if 0 < len(text) <= LONGEST_ID and text.isprintable():
        return text.upper()
    raise StgError(_("Line %(line)d: it is not said which concentrator this is of (Cnc Id).") % {"line": element.line})
