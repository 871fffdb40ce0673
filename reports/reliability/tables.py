"""The concentrators of a month, on the screen and in files (STA-6)."""

from __future__ import annotations

from datetime import timedelta

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _l

from concentrators.tables import ONE_LINE
from reports.reliability.sections import shown_share
from reports.tables import name_column
from smmeplus.common.exporting import ExportColumn
from smmeplus.common.lists import ListTable, NumberColumn
from smmeplus.common.wording.durations import in_words

EXPORT_COLUMNS = (
    ExportColumn("concentrator_name", "serial_number"),
    ExportColumn("availability_percent", "availability"),
    ExportColumn("outages", "outage_count"),
    ExportColumn("outage_s", "dark_s"),
    ExportColumn("planned_s", "planned_s"),
    ExportColumn("expected", "expected"),
    ExportColumn("received", "received"),
    ExportColumn("missing", "missing"),
    ExportColumn("customers", "customers"),
    ExportColumn("substation", "substation"),
    ExportColumn("feeder", "feeder"),
    ExportColumn("company", "company__name", only_in_sheets=True),
    ExportColumn("state", "state", only_in_sheets=True),
)


class DurationColumn(NumberColumn):
    """Seconds, in words."""

    def render(self, value: int) -> str:
        return in_words(timedelta(seconds=value))


class AvailabilityTable(ListTable):
    """The worst first; those that were never in service come last."""

    frozen = 2
    caption = _l("Availability of the concentrators")

    availability = NumberColumn(verbose_name=_l("availability"), order_by="worst")
    concentrator_name = name_column("serial_number", order_by="by_name")
    outages = NumberColumn(verbose_name=_l("outages"), accessor="outage_count")
    dark = DurationColumn(verbose_name=_l("unplanned"), accessor="dark_s")
    planned = DurationColumn(verbose_name=_l("planned"), accessor="planned_s")
    missing = NumberColumn(verbose_name=_l("missing"))
    expected = NumberColumn(verbose_name=_l("expected"))
    received = NumberColumn(verbose_name=_l("received"))
    customers = NumberColumn(verbose_name=_l("customers"))
    substation = tables.Column(verbose_name=_l("substation"), attrs=ONE_LINE)
    feeder = tables.Column(verbose_name=_l("feeder"), attrs=ONE_LINE)

    class Meta:
        order_by = ("availability", "concentrator_name")
        empty_text = _l("No concentrator that matches was in field in this month. Choose another month.")

    def render_availability(self, value: float) -> str:
        return shown_share(value)
