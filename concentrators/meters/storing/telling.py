"""What a row of a list changes of a sighting (MET-3). Pure: nothing is read or written here.

What a row does not say changes nothing. A change is noted unless the sighting has just begun.
"""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from concentrators.meters.lists import ListedMeter
from concentrators.meters.storing.known import OF_METER, TOLD, Known
from concentrators.models.meters import Changed

_NOTED: Final = {"state": Changed.STATE, "level": Changed.LEVEL, "repeater": Changed.REPEATER}
_PLACES: Final = {"level", "repeater", "sid", "lsid"}
_told = attrgetter(*TOLD)
_of_meter = attrgetter(*OF_METER)
_SILENT: Final = (None, "")


def list_it(known: Known, row: ListedMeter, at: datetime) -> None:
    """The list of ``at`` has the meter, and says ``row`` of it."""
    if not known.in_list:
        known.in_list, known.gone_at, known.chosen = True, None, not known.elsewhere
        known.happened.append((Changed.BACK, "", ""))
    _see(known, row, at)
    tell(known, row, at)
    tell_of_meter(known, row)
    if known.is_touched:
        known.listed_at = at


def leave(known: Known, at: datetime) -> None:
    """The whole list of ``at`` has it no more. Its place in the tree and its state stay as they were last."""
    known.in_list, known.gone_at, known.chosen, known.listed_at = False, at, False, at
    known.happened.append((Changed.GONE, "", ""))


def tell(known: Known, row: ListedMeter, at: datetime, *, is_topology: bool = False) -> None:
    """Take over what ``row`` says of the sighting. A row of the topology says all of the place, a missing LSID too."""
    told = _told(row)
    if is_topology and row.lsid is None and known.lsid is not None:
        _take(known, "lsid", None, at)
    for name, value, before in zip(TOLD, told, _told(known), strict=True):
        if value not in _SILENT and value != before:
            _take(known, name, value, at)


def tell_of_meter(known: Known, row: ListedMeter) -> None:
    """Take over what ``row`` says of the meter. What the master file says of one stays."""
    for name, value, before in zip(OF_METER, _of_meter(row), _of_meter(known), strict=True):
        if value in _SILENT or value == before:
            continue
        if known.in_master_since is None or not before:
            setattr(known, name, str(value))
            known.told_of_meter.add(name)


def _take(known: Known, name: str, value: Any, at: datetime) -> None:
    before = getattr(known, name)
    setattr(known, name, value)
    known.is_changed = True
    known.is_moved = known.is_moved or name in _PLACES
    if name == "state":
        known.state_since = at
    if name in _NOTED and known.pk is not None:
        known.happened.append((_NOTED[name], _text(before), _text(value)))


def _see(known: Known, row: ListedMeter, at: datetime) -> None:
    """First seen is the earliest contact, or the date of the first list; last seen never moves back."""
    contacts = [one for one in (row.first_seen, row.last_seen) if one is not None]
    first = min(at, known.first_seen, *contacts)
    if first != known.first_seen:
        known.first_seen, known.is_changed = first, True
    if row.last_seen is not None and (known.last_seen is None or row.last_seen > known.last_seen):
        known.last_seen, known.is_seen = row.last_seen, True


def _text(value: object) -> str:
    return "" if value is None else str(value)
