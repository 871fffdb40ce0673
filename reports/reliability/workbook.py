"""The month as a workbook to hand on: a sheet for each table, numbers as numbers (REP-9)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from reports.reliability.availability import worst_of
from reports.reliability.figures import MonthReport
from reports.reliability.sections import Section, causes_of, facts_of, indices_of, places_of
from reports.reliability.tables import EXPORT_COLUMNS
from smmeplus.common.exporting import Table, escape_formula, sheet_cells, sheet_names, workbook_blocks

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: The export of the page has all of them.
CONCENTRATORS = 1_000


def workbook_of(report: MonthReport, rows: QuerySet[Any]) -> bytes:
    """``rows`` are concentrators with_availability, of which it has the worst ones; four queries."""
    return b"".join(workbook_blocks(_tables(report, rows)))


def _tables(report: MonthReport, rows: QuerySet[Any]) -> Iterator[Table]:
    for section in (indices_of(report), causes_of(report), places_of(report)):
        yield _table_of(section)
    worst = worst_of(rows, CONCENTRATORS)
    names = sheet_names(worst, EXPORT_COLUMNS)
    yield Table(_("Worst concentrators"), names, sheet_cells(worst, EXPORT_COLUMNS))
    facts = [(label, escape_formula(text)) for label, text in facts_of(report)]
    yield Table(_("About"), (_("What"), _("Value")), facts)


def _table_of(section: Section) -> Table:
    rows = [[escape_formula(value) for value in row] for row in section.rows]
    return Table(section.title, [column.label for column in section.columns], rows)
