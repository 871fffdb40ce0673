"""The reports in the API: the same rows, by the same filters (REP-2, REP-3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from concentrators.companies import companies_of
from reports.exports import PER_DAY_COLUMNS, wakeup_columns
from reports.filters import WakeupFilterSet, WakeupPerDayFilterSet
from reports.queries import daily_counts, totals
from smmeplus.common.api.resources import ReadOnlyListViewSet
from smmeplus.common.api.serializers import MomentField, RowSerializer
from smmeplus.common.api.several import values_of
from smmeplus.common.exporting import ExportColumn
from wakeup.api.filters import SerialFilter
from wakeup.models import DailyCount, WakeupTotal


class TotalFilters(WakeupFilterSet):
    concentrator = SerialFilter()


class DailyFilters(WakeupPerDayFilterSet):
    concentrator = SerialFilter()


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
    are both included; without them all days are given.
    """

    permission = "wakeup.view_message"
    queryset = DailyCount.objects.all()
    serializer_class = DailySerializer
    filterset_class = DailyFilters
    export_columns = PER_DAY_COLUMNS
    order = ("-day", "-concentrator_id")

    def get_queryset(self) -> QuerySet[Model]:
        return daily_counts(self.request.user)
