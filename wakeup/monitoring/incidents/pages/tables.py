"""The tables of incidents, of their members and of single silent concentrators (STA-5, STA-9)."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _l

from concentrators.tables import ONE_LINE
from smmeplus.common.choosing.tables import ChoiceMixin
from smmeplus.common.exporting import ExportColumn
from smmeplus.common.lists import ListTable, MomentColumn, NumberColumn, WholePaginator
from smmeplus.common.request import now_of
from smmeplus.common.wording.durations import in_words
from wakeup.models import Incident, Outage
from wakeup.monitoring.incidents.states import place_in_words, state_of
from wakeup.monitoring.status.advice import what_to_do
from wakeup.monitoring.status.rules import Status, StatusReason

INCIDENT_COLUMNS = (
    ExportColumn("incident", "pk"),
    ExportColumn("company", "company__name"),
    ExportColumn("place", "scope"),
    ExportColumn("substation", "substation"),
    ExportColumn("feeder", "feeder"),
    ExportColumn("carrier", "carrier"),
    ExportColumn("cause", "cause"),
    ExportColumn("began_at", "began_at"),
    ExportColumn("noticed_at", "opened_at"),
    ExportColumn("ended_at", "ended_at"),
    ExportColumn("still_dark", "dark"),
    ExportColumn("concentrators", "members"),
    ExportColumn("of_the_place", "size"),
    ExportColumn("customers", "customers"),
    ExportColumn("customers_from", "customers_source"),
    ExportColumn("owner", "owner__username"),
    ExportColumn("acknowledged_at", "acknowledged_at"),
    ExportColumn("planned_work", "planned__work__title"),
    ExportColumn("part_of", "merged_into_id"),
)
OUTAGE_COLUMNS = (
    ExportColumn("concentrator_name", "concentrator__serial_number"),
    ExportColumn("substation", "concentrator__substation"),
    ExportColumn("feeder", "concentrator__feeder"),
    ExportColumn("carrier", "concentrator__carrier"),
    ExportColumn("began_at", "began_at"),
    ExportColumn("began_after", "earliest_at"),
    ExportColumn("began_before", "latest_at"),
    ExportColumn("ended_at", "ended_at"),
    ExportColumn("quality", "quality"),
    ExportColumn("cause", "cause"),
    ExportColumn("customers", "affected"),
    ExportColumn("incident", "incident_id"),
    ExportColumn("customers_by_inventory", "customers"),
    ExportColumn("meters", "meters"),
    ExportColumn("company", "company__name", only_in_sheets=True),
    ExportColumn("state", "concentrator__state", only_in_sheets=True),
)


def badge(choice: Any) -> str:
    return format_html('<span class="badge text-bg-{}">{}</span>', choice.colour, choice.label)


class LastedColumn(tables.Column):  # type: ignore[misc] # untyped
    """For how long something has lasted that has ``began_at`` and ``ended_at``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(empty_values=(), orderable=False, attrs={"td": {"class": "moment"}}, **kwargs)

    def render(self, record: Any, table: Any) -> str:
        return in_words((record.ended_at or now_of(table.request)) - record.began_at)


class IncidentTable(ListTable):
    """The worst first: those that wait for somebody, and of these the one that takes most customers their supply."""

    place = tables.Column(
        verbose_name=_l("Place"),
        empty_values=(),
        order_by=("scope", "feeder", "substation", "carrier", "company__name"),
    )
    state = tables.Column(
        verbose_name=_l("State"),
        empty_values=(),
        order_by=("state_rank", "-customers_dark", "-members", "-began_at"),
    )
    cause = tables.Column(verbose_name=_l("Cause"))
    began_at = MomentColumn(verbose_name=_l("Began (UTC)"))
    lasted = LastedColumn(verbose_name=_l("Lasted"))
    dark = NumberColumn(verbose_name=_l("Still dark"))
    members = NumberColumn(verbose_name=_l("Concentrators"))
    size = NumberColumn(verbose_name=_l("Of the place"))
    customers = NumberColumn(verbose_name=_l("Customers"))
    owner = tables.Column(verbose_name=_l("Owner"), order_by="owner__username", attrs=ONE_LINE)
    company = tables.Column(verbose_name=_l("Company"), order_by="company__name", attrs=ONE_LINE)

    class Meta:
        order_by = "state"
        empty_text = _l("No incident matches. Change the filters.")

    def render_place(self, record: Incident) -> str:
        url = reverse("incidents:page", args=[record.pk])
        return format_html('<a href="{}">{}</a>', url, place_in_words(record))

    def render_state(self, record: Incident) -> str:
        return badge(state_of(record))

    def render_customers(self, value: int, record: Incident) -> str:
        return format_html('{} <span class="note">({})</span>', value, record.get_customers_source_display())


class OutageColumns(ListTable):
    """Where a concentrator is that is or was dark."""

    concentrator = tables.Column(
        verbose_name=_l("Concentrator name"),
        accessor="concentrator__serial_number",
        linkify=("concentrator:page", [tables.A("concentrator__serial_number")]),
    )
    substation = tables.Column(
        verbose_name=_l("Substation"), accessor="concentrator__substation", empty_values=(), attrs=ONE_LINE
    )
    feeder = tables.Column(verbose_name=_l("Feeder"), accessor="concentrator__feeder", empty_values=(), attrs=ONE_LINE)
    customers = NumberColumn(verbose_name=_l("Customers"), accessor="affected")

    def render_substation(self, value: str) -> str:
        return value or "—"

    def render_feeder(self, value: str) -> str:
        return value or "—"


class MemberTable(ChoiceMixin, OutageColumns):
    """The concentrators of one incident. Any number can be chosen, to be split off."""

    field = "outage"
    kind = "checkbox"
    paginator_class = WholePaginator  # “select all” states the whole number

    began_at = MomentColumn(verbose_name=_l("Began (UTC)"))
    ended_at = MomentColumn(verbose_name=_l("Ended (UTC)"))
    lasted = LastedColumn(verbose_name=_l("Lasted"))
    quality = tables.Column(verbose_name=_l("Quality"))
    cause = tables.Column(verbose_name=_l("Cause"))
    choice = tables.Column(empty_values=(), orderable=False, verbose_name="")

    class Meta:
        order_by = "began_at"
        sequence = ("concentrator", "began_at", "ended_at", "lasted", "...", "choice")
        empty_text = _l("No concentrator of this incident matches. Change the filters.")

    def label_of(self, record: Any) -> str:
        return str(record.concentrator.serial_number)


class WorkTable(OutageColumns):
    """Who has been silent for longest first, each with what an operator does about it."""

    carrier = tables.Column(
        verbose_name=_l("Carrier"), accessor="concentrator__carrier", empty_values=(), attrs=ONE_LINE
    )
    began_at = MomentColumn(verbose_name=_l("Silent since (UTC)"))
    lasted = LastedColumn(verbose_name=_l("Silent for"))
    cause = tables.Column(verbose_name=_l("Cause"))
    what_to_do = tables.Column(
        verbose_name=_l("What to do"), empty_values=(), orderable=False, attrs={"td": {"class": "sentences"}}
    )
    company = tables.Column(verbose_name=_l("Company"), order_by="company__name", attrs=ONE_LINE)

    class Meta:
        order_by = "began_at"
        sequence = ("concentrator", "began_at", "lasted", "what_to_do", "...")
        empty_text = _l("All is well: no single concentrator is silent. Those of incidents are on their pages.")

    def render_carrier(self, value: str) -> str:
        return value or "—"

    def render_what_to_do(self, record: Outage) -> str:
        return what_to_do(Status.UNREACHABLE, _reason_of(record))


def _reason_of(outage: Outage) -> StatusReason:
    if outage.is_announced:
        return StatusReason.POWER
    total = getattr(outage.concentrator, "total", None)
    return StatusReason.SILENCE if total and total.wakeup_count else StatusReason.NEVER_CALLED
