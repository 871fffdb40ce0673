"""The rows of each report: S24 lists meters, G02 tells their availability, S06 their MAC, S11 the tree of MACs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Final

from django.utils.translation import gettext_noop

from concentrators.meters.lists import ListedMeter
from concentrators.meters.names import canonical_mac
from concentrators.meters.stg.dates import is_contradicted, moment_of, read_date
from concentrators.meters.stg.sheet import AHEAD, Row, Sheet
from concentrators.models.meters import MeterSource, MeterState

_STATES: Final = {str(state.value): state for state in MeterState}
_ACTIVE: Final = {"Y": True, "N": False}
_PERCENT: Final = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{1,9})?")
_TYPE: Final = re.compile(r"[!-~](?:[ -~]{0,98}[!-~])?")
_DECIMAL: Final = re.compile(r"[1-9][0-9]{12,14}")
_DIGITS: Final = re.compile(r"[0-9]{1,20}")
_INSTANT: Final = timedelta(microseconds=1)
_MOST_CHANGES: Final = 2**31 - 1
_MOST_LNID: Final = 2**16 - 1
_BYTE: Final = 255
_NOT_A_SWITCH: Final = (0, _BYTE)  # 0 is the concentrator's own
_NO_SWITCH: Final = _BYTE
_BASE_NODE: Final = "3"


def read_s24(rows: Iterable[Row], sheet: Sheet) -> None:
    for row in rows:
        name = sheet.name_of(row)
        if name:
            seen = _last_contact(row, sheet)
            sheet.keep(name, row, ListedMeter(name, _state(row, sheet), _active(row, sheet), last_seen=seen), seen)


def read_g02(rows: Iterable[Row], sheet: Sheet) -> None:
    for row in rows:
        name = _answered(row, sheet)
        day = _day(row, sheet) if name else None
        percent = _percent(row, sheet) if day else None
        if percent is not None:
            changes = sheet.number_of(row, "Nchanges", _MOST_CHANGES)
            sheet.keep((name, day), row, ListedMeter(name, availability=percent, changes=changes, day=day))


def read_s06(rows: Iterable[Row], sheet: Sheet) -> None:
    for row in rows:
        name = _answered(row, sheet)
        if name:
            attributes = row.element.attributes
            mac = _mac(row, sheet, attributes.get("Mac", ""))
            model = attributes.get("Mod", "").strip()
            listed = ListedMeter(name, mac=mac, type=model if _TYPE.fullmatch(model) else "")
            read_at = read_date(attributes.get("Fh", "").strip())
            sheet.keep(name, row, listed, moment_of(read_at, sheet.zone) if read_at else None)


def read_s11(rows: Iterable[Row], sheet: Sheet) -> None:
    """``level`` is that of PRIME, which counts repeaters; no switch is None, the concentrator itself is SID 0."""
    rows = [row for row in rows if row.element.attributes.get("regEntryState", "").strip() != _BASE_NODE]
    is_decimal = _has_decimal_macs(rows)
    for row in rows:
        mac = _mac(row, sheet, row.meter.strip(), is_decimal)
        if mac:
            sid, lsid = (sheet.number_of(row, attribute, _BYTE) for attribute in ("regEntrySID", "regEntryLSID"))
            listed = ListedMeter(
                "",
                mac=mac,
                level=sheet.number_of(row, "regEntryLevel", _BYTE),
                lnid=sheet.number_of(row, "regEntryLNID", _MOST_LNID),
                sid=None if sid == _NO_SWITCH else sid,
                lsid=None if lsid in _NOT_A_SWITCH else lsid,
            )
            sheet.keep(mac, row, listed)


READERS: Final[dict[MeterSource, Callable[[Iterable[Row], Sheet], None]]] = {
    MeterSource.S24: read_s24,
    MeterSource.G02: read_g02,
    MeterSource.S06: read_s06,
    MeterSource.S11: read_s11,
}


def _state(row: Row, sheet: Sheet) -> MeterState | None:
    text = row.element.attributes.get("ComStatus", "").strip()
    state = _STATES.get(text)
    if state is None:
        sheet.fault(row, gettext_noop("ComStatus is 2 (active), 1 (temporary failure) or 0 (permanent failure)."), text)
    return state


def _active(row: Row, sheet: Sheet) -> bool | None:
    text = row.element.attributes.get("Active", "").strip()
    active = _ACTIVE.get(text.upper())
    if active is None:
        sheet.fault(row, gettext_noop("Active is Y or N."), text)
    return active


def _last_contact(row: Row, sheet: Sheet) -> datetime | None:
    moment = sheet.date_of(row, "Date")
    if moment is None or moment <= sheet.listed_at + AHEAD:
        return moment
    sheet.fault(row, gettext_noop("The last contact is later than the list."), row.element.attributes["Date"])
    return None


def _answered(row: Row, sheet: Sheet) -> str:
    """The meter's name; empty, with a fault, if it is none or if the concentrator has not got an answer of it."""
    name = sheet.name_of(row)
    attributes = row.element.attributes
    if not name or "ErrCat" not in attributes:
        return name
    sheet.fault(
        row,
        gettext_noop("The concentrator has no answer of it."),
        f"{attributes['ErrCat']}/{attributes.get('ErrCode')}",
    )
    return ""


def _day(row: Row, sheet: Sheet) -> date | None:
    """The day that ends at ``Fh``: a report made at 7:00 has midnight of that morning, and 1,439 minutes.

    Where the clocks skip midnight, as in Chile, the day ends at 1:00 of the next.
    """
    text = row.element.attributes.get("Fh", "").strip()
    clock = read_date(text)
    if clock is None:
        sheet.fault(row, gettext_noop("%(attribute)s is no date."), text, attribute="Fh")
        return None
    moment = moment_of(clock, sheet.zone)
    if is_contradicted(clock, moment, sheet.zone):
        return (clock.local - _INSTANT).date()
    return (moment - _INSTANT).astimezone(sheet.zone).date()


def _percent(row: Row, sheet: Sheet) -> float | None:
    """As given: it cannot be reckoned from minutes."""
    text = row.element.attributes.get("Atimeperc", "").strip()
    percent = float(text.replace(",", ".")) if _PERCENT.fullmatch(text) else None
    if percent is not None and percent <= 100:
        return percent
    sheet.fault(row, gettext_noop("Atimeperc is no number from 0 to 100."), text)
    return None


def _mac(row: Row, sheet: Sheet, text: str, is_decimal: bool = False) -> str:
    mac = canonical_mac(f"{int(text):012X}" if text and is_decimal else text)
    if not mac:
        sheet.fault(row, gettext_noop("A MAC is 12 or 16 hexadecimal digits."), text)
    return mac


def _has_decimal_macs(rows: Iterable[Row]) -> bool:
    """Whether all are decimal numbers: nothing but digits, and not all of them as many as a MAC has."""
    texts = {row.meter.strip() for row in rows} - {""}
    return any(map(_DECIMAL.fullmatch, texts)) and all(map(_DIGITS.fullmatch, texts))
