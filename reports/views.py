"""Report, Monitoring, Devices (REP-1…5)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from concentrators.companies import selected_company, visible_companies
from concentrators.models import Company
from profiles.models import SystemSettings
from reports.exports import PER_DAY_COLUMNS, wakeup_columns
from reports.filters import WakeupFilterSet, WakeupPerDayFilterSet
from reports.queries import daily_counts, totals
from reports.tables import WakeupPerDayTable, WakeupTable
from smmeplus.exporting import ExportColumn
from smmeplus.lists import ListPage, ListTable
from wakeup.models import DailyCount, WakeupTotal
from wakeup.zones import wanted_zone, zone_in_force


class Report(ListPage):
    """A report on the devices of one company: that of the URL, else the user's first."""

    template_name = "reports/report.html"

    @cached_property
    def companies(self) -> list[Company]:
        return visible_companies(self.request)

    @cached_property
    def company(self) -> Company | None:
        return selected_company(self.request, self.companies)

    def get_filterset_kwargs(self, filterset_class: Any) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_filterset_kwargs(filterset_class)
        data: QueryDict = self.request.GET.copy()
        data["company"] = str(self.company.pk) if self.company else ""
        for name, value in self.defaults().items():
            data.setdefault(name, value)
        return kwargs | {"data": data, "companies": self.companies}

    def get_export_name(self) -> str:
        return f"{self.title} {self.company or ''} {timezone.now():%Y-%m-%d}"

    def defaults(self) -> dict[str, str]:
        """What the other filters say where the URL says nothing."""
        return {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, company=self.company)


class WakeupReport(Report):
    """First, last and total number of wake-up messages of each concentrator (REP-2)."""

    model = WakeupTotal
    filterset_class = WakeupFilterSet
    title = _l("Wake up messages")

    def get_queryset(self) -> QuerySet[Model]:
        return totals(self.request.user)

    @property
    def zone(self) -> ZoneInfo:
        """That of the company, in which local times are shown."""
        return self.company.zone if self.company else ZoneInfo("UTC")

    def get_table(self) -> ListTable:
        return WakeupTable(self.object_list, self.request, zone=self.zone)

    def get_export_columns(self) -> Sequence[ExportColumn]:
        return wakeup_columns(self.zone)


class WakeupPerDayReport(Report):
    """The number of wake-up messages of each concentrator on each day (REP-3), by default the current one."""

    model = DailyCount
    filterset_class = WakeupPerDayFilterSet
    table_class = WakeupPerDayTable
    export_columns = PER_DAY_COLUMNS
    title = _l("Wake up messages per day")

    def get_queryset(self) -> QuerySet[Model]:
        return daily_counts(self.request.user)

    @cached_property
    def zone(self) -> ZoneInfo | None:
        return zone_in_force(self.company) if self.company else None

    def defaults(self) -> dict[str, str]:
        if self.zone is None:
            return {}
        today = timezone.now().astimezone(self.zone).date().isoformat()
        return {"from_day": today, "to_day": today}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        settings = SystemSettings.current()
        zones = {}
        if self.company and self.zone:
            zones = {"zone": self.zone.key, "wanted_zone": wanted_zone(self.company, settings)}
        return super().get_context_data(**kwargs, **zones, system_settings=settings)
