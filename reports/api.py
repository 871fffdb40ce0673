"""The reports in the API: the same rows, by the same filters (REP-2, REP-3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import django_filters
from django import forms
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from concentrators.companies import companies_of
from concentrators.models import Concentrator
from profiles.requests import settings_of
from reports.daily.silent import SilentOnes
from reports.exports import PER_DAY_COLUMNS, wakeup_columns
from reports.filters import DaysForm, WakeupFilterSet, WakeupPerDayFilterSet
from reports.queries import daily_counts, totals
from smmeplus.common.api.resources import ReadOnlyListViewSet
from smmeplus.common.api.serializers import MomentField, RowSerializer
from smmeplus.common.api.several import values_of
from smmeplus.common.exporting import ExportColumn
from smmeplus.common.request import now_of
from wakeup.api.filters import SerialFilter
from wakeup.models import DailyCount, WakeupTotal
from wakeup.models.zones import with_zones, zone_in_force


class TotalFilters(WakeupFilterSet):
    concentrator = SerialFilter()


class DailyForm(DaysForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, last = cleaned.get("from_day"), cleaned.get("to_day")
        if cleaned.get("silent") and (first is None or first != last):
            said = _("The silent ones are of one day: give the same as “from_day” and “to_day”.")
            self.add_error("silent", forms.ValidationError(said, code="invalid"))
        return cleaned


class DailyFilters(WakeupPerDayFilterSet):
    """Those of the page, one concentrator, and whether the silent ones are among the rows."""

    single = ("silent",)
    concentrator = SerialFilter()
    silent = django_filters.ChoiceFilter(
        label=_l("With those that were expected to call on the day, and did not"),
        method="with_silent",
        choices=[("yes", "yes")],
    )

    class Meta(WakeupPerDayFilterSet.Meta):
        form = DailyForm

    def with_silent(self, rows: QuerySet[DailyCount], _name: str, value: str) -> QuerySet[DailyCount]:  # noqa: ARG002
        return rows


class LocalTimes:
    """A list whose file has times by the clocks of one company; for a viewset."""

    has_export: ClassVar[bool] = True
    request: Request

    @property
    def zone(self) -> ZoneInfo:
        """Raises ValidationError where the rows may be of companies whose clocks differ."""
        asked = values_of(self.request, "company")
        zones = {one.zone for one in companies_of(self.request) if not asked or str(one.pk) in asked}
        if len(zones) > 1:
            said = _("Name one company: the file has times by its clocks.")
            raise ValidationError({"company": ErrorDetail(said, "required")})
        return zones.pop() if zones else ZoneInfo("UTC")


class OfConcentratorSerializer(RowSerializer):
    concentrator = serializers.CharField(source="concentrator.serial_number", read_only=True)
    company = serializers.IntegerField(source="concentrator.company_id", read_only=True)


class LocalField(MomentField):
    """The last wake-up of a total in the zone of its concentrator."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: WakeupTotal) -> str | None:
        last, zone = value.last_wakeup_at, value.concentrator.zone
        return super().to_representation(last.astimezone(zone) if last else None)


class TotalSerializer(OfConcentratorSerializer):
    """First, last and number of a concentrator's wake-ups."""

    last_wakeup_at_local = LocalField(source="*", help_text="In ``time_zone``.")
    time_zone = serializers.CharField(
        source="concentrator.zone.key", read_only=True, help_text="The concentrator's own, else its company's."
    )

    class Meta:
        model = WakeupTotal
        fields = read_only_fields = (
            "concentrator",
            "company",
            "source_ip",
            "port",
            "first_wakeup_at",
            "last_wakeup_at",
            "last_wakeup_at_local",
            "time_zone",
            "wakeup_count",
        )


class DailySerializer(OfConcentratorSerializer):
    """A concentrator's wake-ups of one reporting day."""

    total_count = serializers.IntegerField(read_only=True, help_text="All wake-ups until the end of the day.")
    expected = serializers.IntegerField(read_only=True, help_text="By its period while it was in field and service.")
    missing = serializers.IntegerField(read_only=True)

    class Meta:
        model = DailyCount
        fields = read_only_fields = (
            "concentrator",
            "company",
            "source_ip",
            "day",
            "wakeup_count",
            "total_count",
            "expected",
            "missing",
        )


@extend_schema_view(list=extend_schema(summary="Wake up: first, last and total"))
class WakeupTotals(LocalTimes, ReadOnlyListViewSet):
    """The report *Wake up*: a row for each concentrator that ever sent a wake-up."""

    permission = "wakeup.view_message"
    queryset = WakeupTotal.objects.all()
    serializer_class = TotalSerializer
    filterset_class = TotalFilters
    order = ("concentrator_id",)

    def get_export_columns(self) -> Sequence[ExportColumn]:
        return wakeup_columns(self.zone)

    def get_queryset(self) -> QuerySet[Model]:
        return totals(self.request.user).select_related("concentrator__company")


@extend_schema_view(list=extend_schema(summary="Wake up per day"))
class DailyCounts(ReadOnlyListViewSet):
    """The report *Wake up per day*: a row for each concentrator and day with at least one wake-up, newest day first.

    A reporting day begins at midnight of the company's zone, or of the one in the settings. `from_day` and `to_day`
    are both included; without them all days are given. With `silent=yes`, of one day, those that were expected to
    send wake-ups and sent none are rows, too, with a `wakeup_count` of 0.
    """

    permission = "wakeup.view_message"
    queryset = DailyCount.objects.all()
    serializer_class = DailySerializer
    filterset_class = DailyFilters
    export_columns = PER_DAY_COLUMNS
    order = ("-day", "-concentrator_id")

    def get_queryset(self) -> QuerySet[Model]:
        return daily_counts(self.request.user)

    def fetch(self, rows: QuerySet[Any], count: int) -> list[Any]:
        found = super().fetch(rows, count)
        if "silent" not in self.request.query_params or "chatty" in self.request.query_params:
            return found
        both = [*found, *self._silent(count)]
        return sorted(both, key=lambda row: -row.concentrator_id)[:count]

    def _silent(self, count: int) -> list[Any]:
        given = self.request.query_params
        asked, last = values_of(self.request, "company"), self.paginator.after
        companies = [one for one in with_zones(companies_of(self.request)) if not asked or str(one.pk) in asked]
        zones = {one.pk: zone_in_force(one, settings_of(self.request)) for one in companies}
        in_sight = Concentrator.objects.visible_to(self.request.user).of_the_field()
        ones = SilentOnes(in_sight, date.fromisoformat(given["from_day"]), zones, now_of(self.request))
        ones = ones.of_search(given.get("q", ""), values_of(self.request, "concentrator"))
        return ones.first(count, last[1] if last else None, int(given.get("missing", 1)))

    def _file(self) -> Any:
        if "silent" in self.request.query_params:
            said = _("A file has no silent ones; take that of concentrators/ with “silent_on”.")
            raise ValidationError({"silent": ErrorDetail(said, "invalid")})
        return super()._file()
