"""The meters of one concentrator, and all meters there are: tables, filters, exports (MET-6)."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.companies import companies_of
from concentrators.meters.pages.finding import MeterSearchFilterSet
from concentrators.meters.pages.words import state_badge
from concentrators.models import Meter, MeterKind, MeterState, Sighting
from concentrators.tables import ONE_LINE
from smmeplus.common.exporting import ExportColumn
from smmeplus.common.lists import ListTable, MomentColumn, NumberColumn

SIGHTING_COLUMNS = (
    ExportColumn("meter_name", "meter__name"),
    ExportColumn("manufacturer", "meter__manufacturer"),
    ExportColumn("type", "meter__type"),
    ExportColumn("kind", "meter__kind"),
    ExportColumn("mac", "meter__mac"),
    ExportColumn("state", "state"),
    ExportColumn("state_since", "state_since"),
    ExportColumn("first_seen", "first_seen"),
    ExportColumn("last_seen", "last_seen"),
    ExportColumn("level", "level"),
    ExportColumn("repeater", "through"),
    ExportColumn("phase", "phase"),
    ExportColumn("availability", "availability"),
    ExportColumn("changes", "changes"),
    ExportColumn("in_list", "in_list"),
    ExportColumn("gone_at", "gone_at"),
    ExportColumn("counts_here", "chosen"),
)
METER_COLUMNS = (
    ExportColumn("meter_name", "name"),
    ExportColumn("company", "company__name"),
    ExportColumn("manufacturer", "manufacturer"),
    ExportColumn("type", "type"),
    ExportColumn("kind", "kind"),
    ExportColumn("mac", "mac"),
    ExportColumn("supply_point", "supply_point"),
    ExportColumn("concentrator_name", "at__concentrator__serial_number"),
    ExportColumn("state", "at__state"),
    ExportColumn("last_seen", "at__last_seen"),
    ExportColumn("expected_concentrator", "expected_concentrator__serial_number"),
    ExportColumn("in_master_since", "in_master_since"),
    ExportColumn("retired_at", "retired_at"),
)


class SightingFilterSet(MeterSearchFilterSet):
    meter = "meter__"
    in_list = django_filters.ChoiceFilter(
        label=_l("In the current list"),
        choices=(("true", _l("in the list")), ("false", _l("gone"))),
        empty_label=_l("All"),
        method="listed",
    )
    state = django_filters.ChoiceFilter(label=_l("State"), choices=MeterState.choices, empty_label=_l("All"))
    kind = django_filters.ChoiceFilter(
        label=_l("Kind"), field_name="meter__kind", choices=MeterKind.choices, empty_label=_l("All")
    )
    conflict = django_filters.ChoiceFilter(
        label=_l("Conflict"), choices=(("open", _l("in conflict")),), empty_label=_l("All"), method="in_conflict"
    )

    class Meta:
        model = Sighting
        fields = ["in_list", "state", "kind", "conflict", "q"]

    def in_conflict(self, rows: QuerySet[Any], _name: str, _asked: str) -> QuerySet[Any]:
        return rows.filter(conflict__isnull=False)

    def listed(self, rows: QuerySet[Sighting], _name: str, asked: str) -> QuerySet[Sighting]:
        return rows.filter(in_list=asked == "true")


class SightingTable(ListTable):
    """For sightings as of :func:`concentrators.meters.pages.queries.sightings_of`; those in trouble first."""

    meter = tables.TemplateColumn(
        template_name="meters/name_cell.html", verbose_name=_l("Meter name"), accessor="meter__name"
    )
    state = tables.Column(verbose_name=_l("State"), empty_values=(), attrs=ONE_LINE)
    last_seen = MomentColumn(verbose_name=_l("Last seen (UTC)"))
    level = NumberColumn(verbose_name=_l("Level"))
    through = tables.Column(verbose_name=_l("Repeater"), empty_values=())
    availability = NumberColumn(verbose_name=_l("Availability %"))
    changes = NumberColumn(verbose_name=_l("Changes a day"))
    first_seen = MomentColumn(verbose_name=_l("First seen (UTC)"))
    manufacturer = tables.Column(
        verbose_name=_l("Manufacturer"), accessor="meter__manufacturer", empty_values=(), attrs=ONE_LINE
    )
    type = tables.Column(verbose_name=_l("Type"), accessor="meter__type", empty_values=(), attrs=ONE_LINE)
    in_list = tables.Column(verbose_name=_l("Current list"), order_by=("-in_list", "gone_at"))

    class Meta:
        order_by = ("state", "meter")
        empty_text = _l("No meter matches. Change the filters, or upload a meter list of this concentrator.")

    def render_state(self, record: Sighting) -> str:
        return state_badge(record.state)

    def render_through(self, value: str) -> str:
        return value or "—"

    def render_manufacturer(self, value: str) -> str:
        return value or "—"

    def render_type(self, value: str) -> str:
        return value or "—"

    def render_availability(self, value: float) -> str:
        return percent(value)

    def render_in_list(self, record: Sighting) -> str:
        if record.gone_at is None:
            return _("in the list")
        return _("gone since %(at)s UTC") % {"at": formats.date_format(record.gone_at, "DATETIME_FORMAT")}


class MeterFilterSet(MeterSearchFilterSet):
    company = django_filters.ChoiceFilter(label=_l("Company"), empty_label=_l("All"))
    kind = django_filters.ChoiceFilter(label=_l("Kind"), choices=MeterKind.choices, empty_label=_l("All"))
    known = django_filters.ChoiceFilter(
        label=_l("Known from"),
        choices=(
            ("master", _l("master file, in no list")),
            ("list", _l("a list, not in the master file")),
            ("both", _l("both")),
        ),
        empty_label=_l("All"),
        method="known_from",
    )

    class Meta:
        model = Meter
        fields = ["company", "kind", "known", "q"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))

    def known_from(self, meters: QuerySet[Any], _name: str, asked: str) -> QuerySet[Any]:
        return meters.filter(in_master_since__isnull=asked == "list", at__isnull=asked == "master")


class MeterTable(ListTable):
    """For meters with ``at``, the sighting where they count."""

    name = tables.Column(verbose_name=_l("Meter name"), linkify=("meters:page", [tables.A("pk")]))
    company = tables.Column(verbose_name=_l("Company"), order_by="company__name", attrs=ONE_LINE)
    manufacturer = tables.Column(verbose_name=_l("Manufacturer"), empty_values=(), attrs=ONE_LINE)
    type = tables.Column(verbose_name=_l("Type"), empty_values=(), attrs=ONE_LINE)
    kind = tables.Column(verbose_name=_l("Kind"), attrs=ONE_LINE)
    mac = tables.Column(verbose_name="MAC", empty_values=())
    supply_point = tables.Column(verbose_name=_l("Supply point"), empty_values=(), attrs=ONE_LINE)
    concentrator = tables.Column(
        verbose_name=_l("Concentrator name"),
        accessor="at_serial_number",
        linkify=("concentrator:page", [tables.A("at_serial_number")]),
    )
    state = tables.Column(verbose_name=_l("State"), accessor="at_state", empty_values=(), attrs=ONE_LINE)
    last_seen = MomentColumn(verbose_name=_l("Last seen (UTC)"), accessor="at_last_seen")

    class Meta:
        order_by = "name"
        empty_text = _l("No meter matches. Change the filters, or upload a meter list or a master file.")

    def render_manufacturer(self, value: str) -> str:
        return value or "—"

    def render_type(self, value: str) -> str:
        return value or "—"

    def render_mac(self, value: str) -> str:
        return value or "—"

    def render_supply_point(self, value: str) -> str:
        return value or "—"

    def render_state(self, value: int | None) -> str:
        return state_badge(value)


def percent(value: float) -> str:
    return formats.number_format(value, 2)
