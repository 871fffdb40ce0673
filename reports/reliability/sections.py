"""The tables of a month in words: the same on the page, in the workbook, in the PDF and in the mail (STA-6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import floor
from typing import Any, TypeAlias

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from reports.reliability.figures import MonthReport, Scope
from reports.reliability.indices import (
    MINUTE,
    Figure,
    Group,
    Indices,
    announced,
    by_customer_time,
    by_customers,
    by_outages,
    coverage,
    share,
    total,
)
from reports.reliability.queries import Place

NONE = "—"
HOUR = 3600
DECIMALS = 3
COVERAGE = 3  # columns
Value: TypeAlias = str | int | float | None

SCOPES = {
    Scope.UNPLANNED: _l("unplanned"),
    Scope.PLANNED: _l("planned"),
    Scope.ALL: _l("all"),
    Scope.UNDECIDED: _l("cause undecided"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of texts, or of numbers with so many ``decimals``."""

    label: str
    decimals: int | None = None

    def shown(self, value: Value) -> str:
        if value is None:
            return NONE
        if isinstance(value, str):
            return value
        # Django would cut off what is beyond the last decimal.
        return str(formats.number_format(round(value, self.decimals or 0), self.decimals, force_grouping=True))


@dataclass(frozen=True, slots=True)
class Section:
    """A table with its ``title`` and, below it, ``notes`` that explain it. Its last three columns are a coverage."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    notes: Sequence[str] = ()
    is_covered: bool = True

    @property
    def heads(self) -> list[tuple[str, bool]]:
        """The columns as they are shown, the coverage as one, and whether they are of numbers."""
        heads = [(column.label, column.decimals is not None) for column in self.columns]
        return [*heads[:-COVERAGE], (_("measured / restored / inferred"), True)] if self.is_covered else heads

    @property
    def shown(self) -> Iterator[list[tuple[str, bool]]]:
        """Of each row its cells in the same way, as texts."""
        for row in self.rows:
            cells = [
                (column.shown(value), column.decimals is not None)
                for column, value in zip(self.columns, row, strict=True)
            ]
            yield [*cells[:-COVERAGE], (_covered(row[-COVERAGE:]), True)] if self.is_covered else cells


def facts_of(report: MonthReport) -> list[tuple[str, str]]:
    """What all figures rest on, as labels and texts."""
    served, number = report.served, Column("", 1).shown
    return [
        (_("Company"), report.company.name),
        (_("Month"), str(report.month)),
        (_("Time zone"), report.zone.key),
        (_("Hours of the month"), Column("", 0).shown(report.span.hours)),
        (_("As of"), formats.date_format(report.now.astimezone(report.zone), "DATETIME_FORMAT")),
        (_("An interruption is momentary up to"), _minutes(report.company.momentary_limit_min)),
        (_("Customers served, on average"), number(served.customers)),
        (_("Concentrators in field, on average"), number(served.concentrators)),
        (_("Of these without a number of customers"), number(served.without_customers)),
        (_("Outages of power announced by a last gasp"), percent(announced(report.indices[Scope.ALL].groups))),
        (_("Outages that last"), Column("", 0).shown(total(_open(report.groups), by_outages))),
    ]


def percent(value: float | None) -> str:
    return NONE if value is None else f"{Column('', 1).shown(value)} %"


@dataclass(frozen=True, slots=True)
class IndexRow:
    """An index with what it means, and for each of SCOPES its figure and its coverage as texts."""

    name: str
    meaning: str
    cells: Sequence[tuple[str, str]]


def matrix_of(report: MonthReport) -> list[IndexRow]:
    meanings = {
        "SAIDI": _("minutes without power for each customer served"),
        "SAIFI": _("interruptions for each customer served"),
        "CAIDI": _("minutes that an interruption lasted for a customer"),
        "MAIFI": _("momentary interruptions for each customer served"),
    }
    indices = report.indices
    return [
        IndexRow(name, meaning, [_cell(_named(indices[scope])[name]) for scope in SCOPES])
        for name, meaning in meanings.items()
    ]


def _named(indices: Indices) -> dict[str, Figure]:
    return {"SAIDI": indices.saidi, "SAIFI": indices.saifi, "CAIDI": indices.caidi, "MAIFI": indices.maifi}


def _cell(figure: Figure) -> tuple[str, str]:
    covered = "" if figure.coverage.measured is None else _covered(figure.coverage)
    return Column("", DECIMALS).shown(figure.value), covered


def notes_of_indices() -> list[str]:
    return [
        _("Percents: how much of each figure rests on outages that were measured / restored / inferred."),
        _("Only outages of power count. “Cause undecided” is what those would add if they were of power."),
    ]


def indices_of(report: MonthReport) -> Section:
    """The same as numbers, one row each."""
    columns = [Column(_("Index")), Column(_("Interruptions")), Column(_("Figure"), DECIMALS), *_coverage()]
    rows: list[list[Value]] = [
        [name, str(label), figure.value, *figure.coverage]
        for scope, label in SCOPES.items()
        for name, figure in _named(report.indices[scope]).items()
    ]
    return Section(_("Indices (indicative)"), columns, rows)


def causes_of(report: MonthReport) -> Section:
    columns = [
        Column(_("Cause")),
        *(Column(label, 0) for label in (_("Outages"), _("planned"), _("momentary"), _("lasting"))),
        Column(_("Hours"), 1),
        Column(_("Customers interrupted"), 0),
        Column(_("Customer hours"), 1),
        Column(_("announced %"), 1),
        *_coverage(),
    ]
    rows = [_row_of_cause(str(cause.label), groups) for cause, groups in report.by_cause.items()]
    notes = [_("A customer who was interrupted twice counts twice. Shares are of the outages.")]
    return Section(_("Outages by cause"), columns, rows, notes)


def _row_of_cause(label: str, groups: Sequence[Group]) -> list[Value]:
    return [
        label,
        total(groups, by_outages),
        total([group for group in groups if group.is_planned], by_outages),
        total([group for group in groups if group.is_momentary], by_outages),
        total(_open(groups), by_outages),
        sum(group.seconds for group in groups) / HOUR,
        total(groups, by_customers),
        total(groups, by_customer_time) / HOUR,
        announced(groups),
        *coverage(groups),
    ]


def places_of(report: MonthReport) -> Section:
    columns = [
        Column(_("Substation")),
        Column(_("Feeder")),
        Column(_("Outages"), 0),
        Column(_("Customers interrupted"), 0),
        Column(_("Customer hours"), 1),
        Column(_("Part of SAIDI (min)"), DECIMALS),
        *_coverage(),
    ]
    rows = [_row_of_place(place, report.served.customers) for place in report.places]
    notes = [_("The 20 with most customer hours: unplanned interruptions of power that were not momentary.")]
    return Section(_("Worst places"), columns, rows, notes)


def _row_of_place(place: Place, served: float) -> list[Value]:
    minutes = place.customer_seconds / MINUTE
    qualities = (place.measured, place.restored, place.inferred)
    return [
        place.substation or NONE,
        place.feeder or NONE,
        place.outages,
        place.customers,
        place.customer_seconds / HOUR,
        minutes / served if served else None,
        *(share(number, place.outages) for number in qualities),
    ]


def concentrators_of(rows: Iterable[Any]) -> Section:
    """``rows`` are concentrators with_availability."""
    hours = [(_("unplanned h"), 1), (_("planned h"), 1)]
    numbers = [(_("Outages"), 0), *hours, (_("missing"), 0), (_("customers"), 0)]
    columns = [
        Column(_("Concentrator name")),
        Column(_("Substation")),
        Column(_("Feeder")),
        Column(_("Availability")),
        *(Column(label, decimals) for label, decimals in numbers),
    ]
    return Section(_("Worst concentrators"), columns, [_row_of_concentrator(row) for row in rows], is_covered=False)


def _row_of_concentrator(row: Any) -> list[Value]:
    place = [row.serial_number, row.substation or NONE, row.feeder or NONE, shown_share(row.availability)]
    return [*place, row.outage_count, row.dark_s / HOUR, row.planned_s / HOUR, row.missing, row.customers]


def shown_share(percent: float | None) -> str:
    """``percent`` cut off, not rounded: what was dark for a second is not up all the time."""
    if percent is None:
        return NONE
    cut = floor(percent * 10**DECIMALS + 1e-6) / 10**DECIMALS
    return f"{formats.number_format(cut, DECIMALS)} %"


def _covered(shares: Sequence[Value]) -> str:
    """``80 / 15 / 5 %``."""
    if None in shares:
        return NONE
    return f"{' / '.join(map(Column('', 0).shown, shares))} %"


def _coverage() -> list[Column]:
    return [Column(label, 1) for label in (_("measured %"), _("restored %"), _("inferred %"))]


def _open(groups: Iterable[Group]) -> list[Group]:
    return [group for group in groups if group.is_open]


def _minutes(number: int) -> Any:
    return ngettext("%(n)s minute", "%(n)s minutes", number) % {"n": number}
