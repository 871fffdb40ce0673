"""The table of configurations, and the columns of its files (CFG-3, REP-6)."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Configuration, ConfigurationState
from concentrators.tables import ONE_LINE
from smmeplus.common.exporting import ExportColumn
from smmeplus.common.lists import ListTable, MomentColumn, NumberColumn
from wakeup.monitoring.status.filters import HEARD_NOT_REACHABLE

EXPORT_COLUMNS = (
    ExportColumn("serial_number", "concentrator__serial_number"),
    ExportColumn("company", "concentrator__company__name"),
    ExportColumn("profile", "profile__name"),
    ExportColumn("state", "state"),
    ExportColumn("state_since", "since"),
    ExportColumn("reason", "failure"),
    ExportColumn("detail", "detail"),
    ExportColumn("heard_not_reachable_since", "heard_not_reachable_since"),
    ExportColumn("next_try_at", "next_try_at"),
    ExportColumn("last_try_at", "last_try_at"),
    ExportColumn("tries_day", "tries_day"),
    ExportColumn("tries", "tries"),
    ExportColumn("failures_in_a_row", "failures"),
    ExportColumn("written_at", "written_at"),
    ExportColumn("confirmed_at", "confirmed_at"),
    ExportColumn("checked_at", "checked_at"),
    ExportColumn("other_device", "other_serial"),
    ExportColumn("other_device_at", "other_at"),
)


class ConfigurationTable(ListTable):
    serial_number = tables.Column(
        verbose_name=_l("Serial number"),
        accessor="concentrator__serial_number",
        linkify=("concentrator:page", [tables.A("concentrator__serial_number")]),
    )
    state = tables.Column(verbose_name=_l("State"), attrs=ONE_LINE)
    since = MomentColumn(verbose_name=_l("Since (UTC)"))
    reason = tables.Column(verbose_name=_l("Reason"), accessor="failure", empty_values=())
    drifted = tables.Column(verbose_name=_l("Drifted parameters"), accessor="detail", empty_values=(), orderable=False)
    next_try_at = MomentColumn(verbose_name=_l("Next try (UTC)"))
    last_try_at = MomentColumn(verbose_name=_l("Last try (UTC)"))
    tries = NumberColumn(verbose_name=_l("Tries on that day"))
    company = tables.Column(verbose_name=_l("Company"), accessor="concentrator__company")
    profile = tables.Column(verbose_name=_l("Spontaneous profile"), order_by="profile__name_folded", attrs=ONE_LINE)

    class Meta:
        order_by = "serial_number"
        empty_text = _l("No configuration matches. Change the filters; only what is in field has one.")

    def render_state(self, record: Any) -> SafeString:
        state = ConfigurationState(record.state)
        badge = format_html('<span class="badge text-bg-{}">{}</span>', state.colour, state.label)
        if record.heard_not_reachable_since is None:
            return badge
        return format_html('{} <span class="badge text-bg-warning">{}</span>', badge, HEARD_NOT_REACHABLE[1])

    def render_reason(self, record: Configuration) -> str:
        return "—" if _is_drifted(record) or not record.reason else record.reason

    def render_drifted(self, value: str, record: Configuration) -> str:
        return value if _is_drifted(record) else "—"


def _is_drifted(one: Configuration) -> bool:
    return one.state == ConfigurationState.DRIFTED
