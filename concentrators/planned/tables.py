"""The table and the filters of planned work (STA-8)."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet
from django.utils import formats
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _l

from concentrators.companies import companies_of
from concentrators.models import PlannedScope, PlannedWork
from concentrators.planned.listing import ORDER, covered_counts, state_of
from concentrators.planned.wording import PlannedState, covers, recurs
from concentrators.planned.works import place_of
from concentrators.tables import ONE_LINE
from smmeplus.common.exporting import ExportColumn
from smmeplus.common.lists import ListFilterSet, ListTable

MOMENT = {"td": {"class": "moment"}}
PLACE = ("scope", "company__name", "substation", "feeder", "concentrator__serial_number")
#: The columns of an upload, so that an export can be uploaded again, and what else there is.
EXPORT_COLUMNS = (
    ExportColumn("company", "company__name"),
    ExportColumn("scope", "scope"),
    ExportColumn("serial_number", "concentrator__serial_number"),
    ExportColumn("substation", "substation"),
    ExportColumn("feeder", "feeder"),
    ExportColumn("title", "title"),
    ExportColumn("begin", "begin"),
    ExportColumn("end", "end"),
    ExportColumn("rule", "rule"),
    ExportColumn("uid", "uid"),
    ExportColumn("state", "state"),
    ExportColumn("from", "from_at"),
    ExportColumn("to", "to_at"),
    ExportColumn("cancelled_at", "cancelled_at"),
    ExportColumn("source", "source"),
    ExportColumn("set_by", "set_by__username"),
)


class PlannedFilterSet(ListFilterSet):
    """For works ``with_state``."""

    company = django_filters.ChoiceFilter(label=_l("Company"), empty_label=_l("All"))
    state = django_filters.ChoiceFilter(
        label=_l("State"), choices=PlannedState.choices, method="in_state", empty_label=_l("All")
    )
    scope = django_filters.ChoiceFilter(label=_l("Covers"), choices=PlannedScope.choices, empty_label=_l("All"))
    q = django_filters.CharFilter(
        label=_l("Title, place or key"), method="search", widget=forms.TextInput({"type": "search"})
    )

    class Meta:
        model = PlannedWork
        fields = ["company", "state", "scope", "q"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))

    def in_state(self, works: QuerySet[Any], _name: str, state: str) -> QuerySet[Any]:
        return works.filter(rank=ORDER.index(PlannedState(state)))

    def search(self, works: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        paths = ("title", "substation", "feeder", "concentrator__serial_number", "uid")
        found = Q()
        for path in paths:
            found |= Q(**{f"{path}__icontains": text})
        return works.filter(found)


class PlannedTable(ListTable):
    """What lasts first, then what comes, the next one first."""

    state = tables.Column(verbose_name=_l("State"), accessor="rank", order_by=("rank", "from_at"))
    title = tables.TemplateColumn(
        template_name="planned/title_cell.html", verbose_name=_l("Title"), order_by="title", accessor="title"
    )
    covers = tables.Column(verbose_name=_l("Covers"), accessor="scope", order_by=PLACE)
    covered = tables.Column(
        verbose_name=_l("In field"), empty_values=(), orderable=False, accessor="pk", attrs={"td": {"class": "number"}}
    )
    from_at = tables.Column(verbose_name=_l("From"), attrs=MOMENT)
    to_at = tables.Column(verbose_name=_l("To"), attrs=MOMENT)
    rule = tables.Column(verbose_name=_l("Recurs"), empty_values=(), orderable=False)
    zone = tables.Column(
        verbose_name=_l("By the clocks of"), accessor="company__time_zone", orderable=False, attrs=ONE_LINE
    )
    company = tables.Column(verbose_name=_l("Company"), order_by="company__name", attrs=ONE_LINE)
    set_by = tables.Column(verbose_name=_l("By"), order_by="set_by__username")
    actions = tables.TemplateColumn(template_name="planned/actions_cell.html", verbose_name="", orderable=False)

    class Meta:
        order_by = "state"
        empty_text = _l("No planned work matches. Add some, upload a file, or change the filters.")

    def render_state(self, record: Any) -> str:
        return badge(state_of(record))

    def render_covers(self, record: PlannedWork) -> str:
        return covers(record)

    def render_covered(self, record: PlannedWork) -> str:
        return formats.number_format(self._counts[place_of(record)], force_grouping=True)

    def render_from_at(self, value: datetime, record: PlannedWork) -> str:
        return _local(value, record)

    def render_to_at(self, value: datetime, record: PlannedWork) -> str:
        return _local(value, record)

    def render_rule(self, record: PlannedWork) -> str:
        return recurs(record)

    @cached_property
    def _counts(self) -> dict[Any, int]:
        """Of the works of this page, by one query."""
        return covered_counts(row.record for row in self.paginated_rows)


def _local(at: datetime, work: PlannedWork) -> str:
    return formats.date_format(at.astimezone(work.company.zone).replace(tzinfo=None), "DATETIME_FORMAT")


def badge(state: PlannedState) -> str:
    return format_html('<span class="badge text-bg-secondary">{}</span>', state.label)
