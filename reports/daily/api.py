"""The figures of reporting days in the API: those of the daily report, for programs (REP-3, API-1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import DateField, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from concentrators.companies import companies_of
from concentrators.models import Company
from profiles.requests import settings_of
from reports.daily.sums import DaySums, OfDay
from reports.filters import DaysForm
from smmeplus.common.api.computed import ComputedList, Key
from smmeplus.common.lists import ListFilterSet
from smmeplus.common.request import now_of
from wakeup.counts.filters import DayFilter
from wakeup.models.zones import zone_in_force

#: Each day reads what the concentrators of the companies were to do on it.
MOST_DAYS: Final = 31


class SpanForm(DaysForm):
    """Refuses more days than are to be read at a time."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, last = cleaned.get("from_day"), cleaned.get("to_day")
        if first and last and last - first >= timedelta(days=MOST_DAYS):
            said = _("At most %(most)d days are given at a time.") % {"most": MOST_DAYS}
            self.add_error("to_day", ValidationError(said, code="max_value"))
        return cleaned


class TotalsFilterSet(ListFilterSet):
    """Its rows are companies with the days that are asked for, if any."""

    company = django_filters.ChoiceFilter(label=_l("Company"), field_name="id")
    from_day = DayFilter(label=_l("From"), method="with_day")
    to_day = DayFilter(label=_l("To"), method="with_day")

    class Meta:
        model = Company
        form = SpanForm
        fields = ["company", "from_day", "to_day"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))

    def with_day(self, companies: QuerySet[Company], name: str, day: date) -> QuerySet[Company]:
        return companies.annotate(**{name: Value(day, DateField())})


class DailyTotalSerializer(serializers.Serializer):
    """A company's reporting day in numbers."""

    company = serializers.IntegerField()
    day = serializers.DateField()
    time_zone = serializers.CharField(help_text="At whose midnight the day begins.")
    in_field = serializers.IntegerField(help_text="Concentrators that were in field at some time of the day.")
    called = serializers.IntegerField(help_text="Concentrators that sent at least one wake-up.")
    silent = serializers.IntegerField(help_text="Concentrators that were expected to send one, and sent none.")
    expected = serializers.IntegerField(help_text="Wake-ups; those of the silent ones are among them.")
    received = serializers.IntegerField(help_text="Wake-ups.")
    missing = serializers.IntegerField(help_text="Wake-ups; those of the silent ones are among them.")


@extend_schema_view(list=extend_schema(summary="Reporting days of companies"))
class DailyTotals(ComputedList):
    """A row for each company and reporting day, the newest day first: the figures of the daily report.

    With neither `from_day` nor `to_day`, which are both included, it is the present day of each company, as far as it
    has come; with one of them that day alone. At most 31 days are given at a time, and none that has not begun.
    """

    permission = "wakeup.view_message"
    queryset = Company.objects.all()
    serializer_class = DailyTotalSerializer
    filterset_class = TotalsFilterSet

    def get_queryset(self) -> QuerySet[Any]:
        return Company.objects.visible_to(self.request.user).select_related("counting_zone")

    def keys(self, queryset: QuerySet[Any]) -> list[Key]:
        found = list(queryset)
        self._zones = {company.pk: zone_in_force(company, self._settings) for company in found}
        return [(-day.toordinal(), company.pk) for company in found for day in self._days(company)]

    def _days(self, company: Any) -> list[date]:
        today = now_of(self.request).astimezone(self._zones[company.pk]).date()
        asked = [day for name in ("from_day", "to_day") if (day := getattr(company, name, None))] or [today]
        first, last = min(asked), min(max(asked), today)
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]

    def rows(self, keys: Sequence[Key]) -> list[Any]:
        wanted = [OfDay(company, date.fromordinal(-day)) for day, company in keys]
        sums = DaySums(wanted, self._zones, self.request.user, now_of(self.request))
        return [
            {**one._asdict(), "time_zone": self._zones[one.company].key, **sums.of(one)._asdict()} for one in wanted
        ]

    @cached_property
    def _settings(self) -> Any:
        return settings_of(self.request)

    _zones: dict[int, ZoneInfo]
