"""What the rows of one list say, and what is wrong with them: a faulty row is kept with its fault (MET-2)."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from concentrators.importing.errors import shown
from concentrators.meters.lists import BadRow, ListedMeter
from concentrators.meters.stg.dates import is_contradicted, moment_of, read_date
from concentrators.meters.stg.xml import Element
from concentrators.models.meters import METER_NAME

MOST_BAD_ROWS = 1_000
#: How much the clock of a meter's last contact may be ahead of the list's.
AHEAD = timedelta(minutes=10)
_NAME = re.compile(METER_NAME)
_NUMBER = re.compile(r"[0-9]{1,18}")
_NEVER = datetime.min.replace(tzinfo=UTC)


class Row(NamedTuple):
    """``meter`` as written; ``element`` has the values, or is a ``Cnt`` with the error for which it has none."""

    meter: str
    element: Element


class Sheet:
    """Takes rows and faults of one list. ``is_contradicted``: that of the list's own date stands for all."""

    def __init__(self, zone: tzinfo, listed_at: datetime, is_contradicted: bool) -> None:
        self.zone = zone
        self.listed_at = listed_at
        self.is_contradicted = is_contradicted
        self.bad: list[BadRow] = []
        self.more = 0
        self._kept: dict[Hashable, tuple[datetime, Row, ListedMeter]] = {}

    @property
    def rows(self) -> Iterator[ListedMeter]:
        return (row for _moment, _row, row in self._kept.values())

    @property
    def bad_rows(self) -> list[BadRow]:
        if not self.more:
            return self.bad
        return [*self.bad, BadRow(0, "", _("%d more faults are not listed here.") % self.more)]

    def fault(self, row: Row, reason: str, seen: str = "", **words: object) -> None:
        """``reason`` is the English sentence; it is put into words only if it is among the first ones."""
        if len(self.bad) < MOST_BAD_ROWS:
            # Each sentence is a literal in gettext_noop where it is used, so that catalogues contain it.
            said = translation.gettext(reason) % words
            self.bad.append(BadRow(row.element.line, shown(row.meter), said, shown(seen)))
        else:
            self.more += 1

    def name_of(self, row: Row) -> str:
        """The meter's name; empty, with a fault, if it is none."""
        name = row.meter.strip().upper() if row.meter.isascii() else ""
        if _NAME.fullmatch(name):
            return name
        self.fault(row, gettext_noop("A meter name is 1 to 32 letters from A to Z and digits."), row.meter)
        return ""

    def date_of(self, row: Row, attribute: str) -> datetime | None:
        """In UTC; None, with a fault, if there is no date."""
        text = row.element.attributes.get(attribute, "").strip()
        clock = read_date(text)
        if clock is None:
            self.fault(row, gettext_noop("%(attribute)s is no date."), text, attribute=attribute)
            return None
        moment = moment_of(clock, self.zone)
        if not self.is_contradicted and is_contradicted(clock, moment, self.zone):
            reason = gettext_noop(
                "%(attribute)s is a time that the company's time zone does not have; its letter was followed."
            )
            self.fault(row, reason, text, attribute=attribute)
        return moment

    def number_of(self, row: Row, attribute: str, most: int) -> int | None:
        """0 to ``most``; None if the attribute is not there, and with a fault if it is anything else."""
        text = row.element.attributes.get(attribute)
        if text is None:
            return None
        found = _NUMBER.fullmatch(text.strip())
        if found and int(found[0]) <= most:
            return int(found[0])
        reason = gettext_noop("%(attribute)s is no whole number from 0 to %(most)d.")
        self.fault(row, reason, text, attribute=attribute, most=most)
        return None

    def keep(self, key: Hashable, row: Row, listed: ListedMeter, moment: datetime | None = None) -> None:
        """Of those with the same ``key`` the one with the newest ``moment``, else the first."""
        new = (moment or _NEVER, row, listed)
        known = self._kept.setdefault(key, new)
        if known is new:
            return
        newest, other = (new, known) if new[0] > known[0] else (known, new)
        self._kept[key] = newest
        self.fault(other[1], gettext_noop("The list has this meter more than once; the newest row counts."), row.meter)
