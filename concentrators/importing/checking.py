"""Checking an installation file against the model's rules and the inventory (CON-5)."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import BinaryIO

from django.utils.translation import gettext as _

from concentrators.importing.columns import ATTRIBUTES, COLUMN_NAMES, REQUIRED, TYPE, Refusal, Value, parsers
from concentrators.importing.errors import RowError
from concentrators.importing.header import columns_of
from concentrators.importing.plan import CheckedRow, Plan, says_otherwise
from concentrators.importing.reading import read
from concentrators.importing.rows import Row
from concentrators.importing.storing import numbered
from concentrators.installation import CHUNK, in_chunks
from concentrators.models import DEFAULT_TYPE, Company, ConcentratorType
from smmeplus.reporting import Report, nobody


def check(source: BinaryIO, company: Company, *, report: Report = nobody) -> Plan:
    """Say what writing ``source``, a seekable CSV or XLSX file, would do to the concentrators of ``company``.

    An empty cell and an absent column say nothing: what the concentrator has stays, a new one gets the model's
    default and the type CERCO1. So a file never empties a field, never takes a concentrator out of the field,
    and the export of a list changes nothing. A row with a profile also installs the concentrator, or gives it
    that profile if it is in field with another one. Every error of every row is in the plan; a row with an
    error is rejected. Of two rows with one serial number the second is rejected.

    Nothing is written. The inventory is compared in chunks, one query each. Raises UnreadableFile when the file
    is no table of concentrators.
    """
    rows = read(source)
    checker = _Checker(company, columns_of(next(rows).cells))
    for number, chunk in enumerate(in_chunks(rows)):
        checker.check(chunk)
        report(number * CHUNK + len(chunk))
    checker.plan.errors.sort(key=attrgetter("line"))
    return checker.plan


class _Checker:
    def __init__(self, company: Company, columns: tuple[str, ...]) -> None:
        by_column = parsers()
        self.columns = columns
        self.serial_place = columns.index(REQUIRED)
        self.parsers = [by_column[name] for name in columns]
        self.places = [COLUMN_NAMES.index(name) for name in columns]
        self.default_type = ConcentratorType.objects.filter(name=DEFAULT_TYPE).values_list("pk", flat=True).first()
        self.lines: dict[str, int] = {}  # of the serial numbers so far
        self.plan = Plan(company_id=company.pk)

    def check(self, rows: list[Row]) -> None:
        """Put each of ``rows`` where it belongs in the plan."""
        good = [checked for row in rows if (checked := self._checked(row))]
        known = _known([row.serial_number for row in good])
        for row in good:
            self._compare(row, known.get(row.serial_number))

    def _checked(self, row: Row) -> CheckedRow | None:
        """The row by the rules that need no inventory; None when it is rejected."""
        errors = self._errors_of_shape(row)
        serial, *values = self._values(row, errors)
        if isinstance(serial, str):
            first = self.lines.setdefault(serial, row.line)
            if first != row.line:
                errors.append(RowError(row.line, REQUIRED, serial, _("Twice in the file; first in line %d.") % first))
        if errors:
            self.plan.reject(errors)
            return None
        return CheckedRow(row.line, str(serial), tuple(values))

    def _errors_of_shape(self, row: Row) -> list[RowError]:
        width = len(self.columns)
        errors = [
            RowError(row.line, self.columns[place], row.cells[place], reason)
            for place, reason in row.faults
            if place < width
        ]
        if len(row.cells) > width and any(map(str.strip, row.cells[width:])):
            numbers = {"cells": len(row.cells), "columns": width}
            reason = _("%(cells)d cells, but the header names %(columns)d columns.") % numbers
            errors.append(RowError(row.line, "", "", reason))
        if len(row.cells) <= self.serial_place or not row.cells[self.serial_place].strip():
            errors.append(RowError(row.line, REQUIRED, "", _("Missing; every row needs a serial number.")))
        return errors

    def _values(self, row: Row, errors: list[RowError]) -> list[Value]:
        """What the cells say, in the order of COLUMN_NAMES; what is wrong with them is added to ``errors``."""
        values: list[Value] = [None] * len(COLUMN_NAMES)
        cells = row.cells if not row.faults else _without_faults(row)
        for place, parse, cell in zip(self.places, self.parsers, cells, strict=False):
            text = cell.strip()
            if not text:
                continue
            value = parse(text)
            if isinstance(value, Refusal):
                errors.append(RowError(row.line, COLUMN_NAMES[place], text, value.reason))
            else:
                values[place] = value
        return values

    def _compare(self, row: CheckedRow, known: Sequence[object] | None) -> None:
        """Put a good row where it belongs, ``known`` being the company, state and values that its concentrator has."""
        if known is None:
            self._add_new(row)
            return
        company_id, state, *current = known
        if company_id != self.plan.company_id:
            self._reject(row, REQUIRED, row.serial_number, _("Taken by a concentrator of another company."))
        elif says_otherwise(row.values, current):
            self.plan.add_changed(row, str(state), current)
        else:
            self.plan.unchanged += 1

    def _add_new(self, row: CheckedRow) -> None:
        if row.values[TYPE] is not None:
            self.plan.add_new(row)
        elif self.default_type is None:
            self._reject(row, "type", "", _("Missing; there is no type %s to take instead.") % DEFAULT_TYPE)
        else:
            values = (*row.values[:TYPE], self.default_type, *row.values[TYPE + 1 :])
            self.plan.add_new(row._replace(values=values))

    def _reject(self, row: CheckedRow, column: str, value: str, reason: str) -> None:
        self.plan.reject([RowError(row.line, column, value, reason)])


def _known(serials: list[str]) -> dict[str, Sequence[object]]:
    """Company, state and the values of ATTRIBUTES of those concentrators that exist, by serial number."""
    rows = numbered(serials).order_by().values_list("serial_number", "company_id", "state", *ATTRIBUTES)
    return {serial: current for serial, *current in rows}


def _without_faults(row: Row) -> list[str]:
    unreadable = {fault.place for fault in row.faults}
    return ["" if place in unreadable else cell for place, cell in enumerate(row.cells)]
