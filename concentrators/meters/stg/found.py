"""Which lists a document holds: the parts of each concentrator that are about meters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from concentrators.meters.stg.sheet import Row
from concentrators.meters.stg.xml import Element
from concentrators.models.meters import MeterSource

REPORT, CONCENTRATOR, METER, DEVICE = "Report", "Cnc", "Cnt", "macListRegDevices"
_OF_METERS: Final = (MeterSource.G02, MeterSource.S06)
_MOST_UNKNOWN: Final = 20
#: What their rows have in public samples, with the names of PRIME's list of registered devices for S11.
_KNOWN: Final = {
    MeterSource.S24: "MeterId ComStatus Date Active",
    MeterSource.G02: "Fh Atime Nchanges Aconc Atimeperc Ahourly",
    MeterSource.S06: "Fh NS Fab Mod Af Te Vf VPrime Pro Idm Mac Tp Ts Ip Is Usag Uswell Per Dctcp Vr Ut UsubT UsobT "
    "UcorteT AutMothBill ScrollDispMode ScrollDispTime",
    MeterSource.S11: "regEntryID regEntryLNID regEntryState regEntryLSID regEntrySID regEntryLevel regEntryTCap "
    "regEntrySwCap",
}
_ERROR: Final = frozenset(("Id", "ErrCat", "ErrCode"))


@dataclass(frozen=True, slots=True)
class Part:
    """A list, or a piece of one: ``dates`` has the elements whose ``Fh`` may date it, in the order of preference."""

    source: MeterSource
    dates: list[Element]
    rows: list[Row] = field(default_factory=list)

    @property
    def date(self) -> str:
        """As it is written: what tells two lists of one source in a file apart."""
        return self.dates[0].attributes.get("Fh", "") if self.source in (MeterSource.S24, MeterSource.S11) else ""


def parts_of(scope: Element, report: str) -> list[Part]:
    """``scope`` is what belongs to one concentrator, ``report`` the id of the report it stands in."""
    return [*_meter_lists(scope), *_answers_of_meters(scope, report), *_topologies(scope)]


def unknown_of(part: Part) -> set[str]:
    """Attributes of rows that no one knows here; some of them, if there are many."""
    known, found = _ERROR.union(_KNOWN[part.source].split()), set[str]()
    for _meter, element in part.rows:
        if len(found) < _MOST_UNKNOWN and not known.issuperset(element.attributes):
            found.update(name for name in element.attributes if name not in known and ":" not in name)
    return found - {"xmlns"}


def _meter_lists(scope: Element) -> Iterator[Part]:
    for element in scope.within(MeterSource.S24):
        rows = [Row(meter.attributes.get("MeterId", ""), meter) for meter in element.within("Meter")]
        if rows or "ErrCat" not in element.attributes:
            yield Part(MeterSource.S24, [element], rows)


def _answers_of_meters(scope: Element, report: str) -> Iterator[Part]:
    """G02 and S06: a row in an element of each meter, or the error why there is none."""
    rows: dict[MeterSource, list[Row]] = {source: [] for source in _OF_METERS}
    for meter in scope.within(METER):
        name = meter.attributes.get("Id", "")
        answers = list(meter.within(*_OF_METERS))
        for answer in answers:
            rows[MeterSource(answer.name)].append(Row(name, answer))
        if not answers and report in rows:
            rows[MeterSource(report)].append(Row(name, meter))
    for source, found in rows.items():
        if found:
            yield Part(source, [row.element for row in found], found)


def _topologies(scope: Element) -> Iterator[Part]:
    """S11, whatever stands around its devices: nobody has seen a document of the maker's."""
    reports = list(scope.within(MeterSource.S11))
    for around in reports or [scope]:
        devices = list(around.within(DEVICE))
        if devices or reports:
            dates = [element for element in (around, *around.children, *scope.children) if "Fh" in element.attributes]
            rows = [Row(device.attributes.get("regEntryID", ""), device) for device in devices]
            yield Part(MeterSource.S11, dates or [around], rows)
