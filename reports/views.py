"""Report, Monitoring, Devices (REP-1…5, REP-7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _l

from concentrators.companies import selected_company
from concentrators.models import Company, Concentrator
from profiles.models import SystemSettings
from profiles.requests import settings_of
from reports.day_files import DayRows, day_columns
from reports.day_map import DayMap
from reports.exports import PER_DAY_COLUMNS, in_field_columns, wakeup_columns
from reports.filters import DaysFilterSet, InFieldFilterSet, WakeupFilterSet, WakeupPerDayFilterSet
from reports.queries import daily_counts, in_field, totals
from reports.snapshots import snapshot_of, with_snapshot
from reports.tables import DaysTable, InFieldTable, WakeupPerDayTable, WakeupTable
from smmeplus.common.exporting import ExportColumn
from smmeplus.common.lists import ListPage, ListTable
from smmeplus.common.request import now_of
from wakeup.models import DailyCount, WakeupTotal
from wakeup.models.zones import wanted_zone, with_zones, zone_in_force
from wakeup.monitoring.status.rules import StatusReason, Timing
from wakeup.monitoring.status.sql import with_status

UTC_ZONE = ZoneInfo("UTC")


class Report(ListPage):
    """A report on the devices of one company: that of the URL, else the user's first."""

    template_name = "reports/report.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.now = now_of(request)
        #: Only the first page shows rows that are newer than this.
        self.snapshot = snapshot_of(request.GET, self.now)
        request.GET = with_snapshot(request.GET, self.snapshot or self.now)  # type: ignore[assignment]

    @cached_property
    def companies(self) -> list[Company]:
        return with_zones(Company.objects.visible_to(self.request.user))

    @cached_property
    def company(self) -> Company | None:
        return selected_company(self.request, self.companies)

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the company, for local times."""
        return self.company.zone if self.company else UTC_ZONE

    @cached_property
    def counting_zone(self) -> ZoneInfo | None:
        """The company's days begin at midnight of this zone."""
        return zone_in_force(self.company, self.settings) if self.company else None

    @property
    def today(self) -> date:
        return self.now.astimezone(self.counting_zone or UTC_ZONE).date()

    @property
    def settings(self) -> SystemSettings:
        return settings_of(self.request)

    def get_filterset_kwargs(self, filterset_class: Any) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_filterset_kwargs(filterset_class)
        data: QueryDict = self.request.GET.copy()
        data["company"] = str(self.company.pk) if self.company else ""
        for name, value in self.defaults().items():
            data.setdefault(name, value)
        return kwargs | {"data": data, "companies": self.companies}

    def get_export_name(self) -> str:
        return f"{self.title} {self.company or ''} {self.now:%Y-%m-%d}"

    def defaults(self) -> dict[str, str]:
        """The values of the other filters where the URL has none."""
        return {}

    def views(self) -> Iterable[tuple[Any, Mapping[str, str]]]:
        """The names of ready-made views of this report, and the filters of each (REP-7)."""
        return ()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        company = {"company": str(self.company.pk)} if self.company else {}
        views = [(name, f"{self.request.path}?{urlencode({**company, **query})}") for name, query in self.views()]
        asked = self.request.GET.get("company", "")
        is_another = bool(self.company and asked and asked != str(self.company.pk))
        context = super().get_context_data(
            **kwargs, company=self.company, is_another_company=is_another, views=views, **self.zones_of_days()
        )
        has_local_times = any(getattr(one.column, "own_zone", None) for one in context["table"].columns)
        return context | {"local_zone": self.zone if self.company and has_local_times else None}

    def zones_of_days(self) -> dict[str, str]:
        """For the note on when days begin; empty for a page that shows no days."""
        return {}


class OfDays(Report):
    """A report on reporting days, which says when they begin."""

    def zones_of_days(self) -> dict[str, str]:
        if not self.company or not self.counting_zone:
            return {}
        return {"zone": self.counting_zone.key, "wanted_zone": wanted_zone(self.company, self.settings)}


class InFieldReport(Report):
    model = Concentrator
    filterset_class = InFieldFilterSet
    title = _l("Concentrators in field")
    description = _l("This report shows each concentrator in field with its status, the worst first, and its place.")

    def get_queryset(self) -> QuerySet[Model]:
        rows = in_field(self.request.user)
        if self.snapshot:
            rows = rows.filter(installed_at__lte=self.snapshot)
        # A page computes the status of its own rows; an export needs that of all.
        return with_status(rows, self.now, self.timing) if self.request.GET.get("export") else rows

    @property
    def timing(self) -> Timing:
        return Timing.of_page(self.settings)

    def views(self) -> Iterable[tuple[Any, Mapping[str, str]]]:
        yield _l("All in field"), {}
        yield _l("Never called"), {"reason": StatusReason.NEVER_CALLED.value}
        yield _l("Silent today"), {"silent_on": self.today.isoformat()}

    def get_table(self) -> ListTable:
        return InFieldTable(self.object_list, self.request, zone=self.zone, now=self.now, timing=self.timing)

    def get_export_columns(self) -> Sequence[ExportColumn]:
        return in_field_columns(self.zone)


class WakeupReport(Report):
    model = WakeupTotal
    filterset_class = WakeupFilterSet
    title = _l("Wake up messages")
    description = _l("This report shows first, last and total number of wakeup messages sent for each concentrator.")

    def get_queryset(self) -> QuerySet[Model]:
        rows = totals(self.request.user)
        return rows.filter(first_wakeup_at__lte=self.snapshot) if self.snapshot else rows

    def get_table(self) -> ListTable:
        return WakeupTable(self.object_list, self.request, zone=self.zone)

    def get_export_columns(self) -> Sequence[ExportColumn]:
        return wakeup_columns(self.zone)


class WakeupPerDayReport(OfDays):
    """The number of wake-up messages of each concentrator on each day (REP-3), by default the current one."""

    model = DailyCount
    filterset_class = WakeupPerDayFilterSet
    table_class = WakeupPerDayTable
    export_columns = PER_DAY_COLUMNS
    title = _l("Wake up messages per day")
    description = _l("This report shows daily and total number of wakeup messages sent for each concentrator.")

    @property
    def today(self) -> date:
        """The day of the first page: its further pages stay on that day past midnight."""
        return (self.snapshot or self.now).astimezone(self.counting_zone or UTC_ZONE).date()

    def get_queryset(self) -> QuerySet[Model]:
        rows = daily_counts(self.request.user)
        return rows.filter(first_wakeup_at__lte=self.snapshot) if self.snapshot else rows

    def defaults(self) -> dict[str, str]:
        return dict.fromkeys(("from_day", "to_day"), self.today.isoformat()) if self.company else {}

    def views(self) -> Iterable[tuple[Any, Mapping[str, str]]]:
        yield _l("All of today"), {}
        yield _l("Missing today"), {"missing": "1", "sort": "-missing"}
        yield _l("Chatty today"), {"chatty": "yes"}


class DaysReport(OfDays):
    """The heat map of 31 days: for each concentrator what came of what was expected (REP-7)."""

    model = Concentrator
    filterset_class = DaysFilterSet
    template_name = "reports/days.html"
    title = _l("Wake-up heat map of days")
    description = _l("This report shows for each concentrator and day how many of the expected wakeup messages came.")

    def get_queryset(self) -> QuerySet[Model]:
        return Concentrator.objects.visible_to(self.request.user).of_the_field()

    def defaults(self) -> dict[str, str]:
        return {"to_day": self.today.isoformat()}

    @property
    def last_day(self) -> date:
        wanted: date | None = self.filterset.form.cleaned_data.get("to_day")
        return wanted or self.today

    def get_table(self) -> ListTable:
        last = self.last_day
        table = DaysTable(self.object_list, self.request, last=last)
        table.show(DayMap([row.record for row in table.paginated_rows], self.counting_zone or UTC_ZONE, last, self.now))
        return table

    def get_export_columns(self) -> Sequence[ExportColumn]:
        return day_columns(self.last_day)

    def get_export_rows(self, table: ListTable) -> DayRows:
        return DayRows(table.data.data, self.counting_zone or UTC_ZONE, self.last_day, self.now)

    def get_template_names(self) -> list[str]:
        names: list[str] = super().get_template_names()
        return ["reports/days_list.html"] if names == ["table.html"] else names
