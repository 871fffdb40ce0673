"""The table and the filters of changes of status, and how they are told (STA-3)."""

from __future__ import annotations

import django_filters
import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.companies import companies_of
from concentrators.filters import SearchFilter, SearchFilterSet
from smmeplus.common.exporting import ExportColumn
from smmeplus.common.lists import ListTable, MomentColumn
from wakeup.models import ChangeReason, StatusChange
from wakeup.models.verdicts import Cause
from wakeup.monitoring.status.rules import Status

EXPORT_COLUMNS = (
    ExportColumn("concentrator_name", "concentrator__serial_number"),
    ExportColumn("changed_at", "at"),
    ExportColumn("from_status", "from_status"),
    ExportColumn("to_status", "to_status"),
    ExportColumn("reason", "reason"),
    ExportColumn("verdict", "verdict"),
    ExportColumn("company", "concentrator__company__name", only_in_sheets=True),
    ExportColumn("state", "concentrator__state", only_in_sheets=True),
)


class ChangeFilterSet(SearchFilterSet):
    concentrator = "concentrator__"
    company = django_filters.ChoiceFilter(
        label=_l("Company"), field_name="concentrator__company", empty_label=_l("All")
    )
    to_status = django_filters.ChoiceFilter(label=_l("Status"), choices=Status.choices, empty_label=_l("All"))
    reason = django_filters.ChoiceFilter(label=_l("Reason"), choices=ChangeReason.choices, empty_label=_l("All"))
    q = SearchFilter(_l("Concentrator name"))

    class Meta:
        model = StatusChange
        fields = ["company", "to_status", "reason", "q"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))


class ChangeTable(ListTable):
    """The latest first."""

    concentrator = tables.Column(
        verbose_name=_l("Concentrator name"),
        accessor="concentrator__serial_number",
        linkify=("concentrator:page", [tables.A("concentrator__serial_number")]),
    )
    at = MomentColumn(verbose_name=_l("Changed at (UTC)"))
    from_status = tables.Column(verbose_name=_l("From"), empty_values=())
    to_status = tables.Column(verbose_name=_l("To"), empty_values=())
    reason = tables.Column(verbose_name=_l("Reason"))
    verdict = tables.Column(verbose_name=_l("Verdict"))

    class Meta:
        order_by = "-at"
        empty_text = _l("No change of status matches. Change the filters.")

    def render_from_status(self, value: str) -> str:
        return badge(value)

    def render_verdict(self, value: str) -> str:
        return str(Cause(value).label)

    def render_to_status(self, value: str) -> str:
        return badge(value)


def badge(status: str) -> str:
    """``status``, a value of Status or empty, in words and its colour."""
    if not status:
        return _("not in field")
    return format_html('<span class="badge text-bg-{}">{}</span>', Status(status).colour, Status(status).label)
