"""Meters in the API: the rows of the reports, by the same filters (MET-4, API-1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Model, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from concentrators.meters.pages.queries import meters_to_show
from concentrators.meters.pages.tables import METER_COLUMNS
from concentrators.meters.pages.tables import MeterFilterSet as PageFilterSet
from concentrators.models import Company, Concentrator, Meter, MeterTally, Repeater, Sighting
from reports.api import LocalTimes
from reports.meters.exports import REPEATER_COLUMNS, TALLY_COLUMNS, count_columns, field_columns
from reports.meters.filters import CountFilterSet, MeterFilterSet, RepeaterFilterSet, SightingFilterSet, TallyFilterSet
from reports.meters.queries import (
    counted_concentrators,
    shown_repeaters,
    shown_sightings,
    state_word,
    tallies,
)
from reports.meters.totals import meters_of, tallied
from smmeplus.common.api.resources import ReadOnlyListViewSet, ReadOnlyViewSet
from smmeplus.common.api.serializers import MomentField, RowSerializer
from smmeplus.common.api.several import values_of
from smmeplus.common.exporting import ExportColumn

VIEW = "concentrators.view_meter"
STATES = "active, temporary failure, permanent failure or unknown."


class MeterFilters(MeterFilterSet):
    """Those of the API so far, and those of the page *Meters*."""

    kind = PageFilterSet.base_filters["kind"]
    known = PageFilterSet.base_filters["known"]
    known_from = PageFilterSet.known_from


class MeterSerializer(RowSerializer):
    """A meter that a list or the master file has named, and where it counts."""

    expected_concentrator = serializers.CharField(
        source="expected_concentrator.serial_number", read_only=True, allow_null=True
    )
    concentrator = serializers.CharField(read_only=True, allow_null=True, help_text="Null: in no list.")
    kind = serializers.CharField(read_only=True, help_text="customer or supervisor.")

    class Meta:
        model = Meter
        fields = read_only_fields = (
            *("id", "name", "company", "manufacturer", "type", "kind", "mac", "supply_point", "concentrator"),
            *("expected_concentrator", "in_master_since", "retired_at", "created_at"),
        )


class SightingSerializer(RowSerializer):
    """A meter as one concentrator has it."""

    meter = serializers.CharField(source="meter.name", read_only=True)
    concentrator = serializers.CharField(source="concentrator.serial_number", read_only=True)
    state = serializers.CharField(source="state_name", read_only=True, help_text=STATES)
    conflict = serializers.CharField(read_only=True, allow_null=True, help_text="The kind of its open conflict.")

    class Meta:
        model = Sighting
        fields = read_only_fields = (
            *("id", "meter", "concentrator", "company", "state", "state_since", "first_seen", "last_seen"),
            *("listed_at", "in_list", "gone_at", "chosen", "conflict", "level", "repeater", "phase", "rx_level", "snr"),
            *("availability", "availability_7d", "changes"),
        )


class CountSerializer(RowSerializer):
    """How many meters a concentrator in field has in its own list; all null while it has none."""

    concentrator = serializers.CharField(source="serial_number", read_only=True)
    meters = serializers.IntegerField(source="meter_counts.meters", read_only=True, allow_null=True)
    active = serializers.IntegerField(source="meter_counts.active", read_only=True, allow_null=True)
    temporary_failure = serializers.IntegerField(source="meter_counts.temporary", read_only=True, allow_null=True)
    permanent_failure = serializers.IntegerField(source="meter_counts.permanent", read_only=True, allow_null=True)
    supervisors = serializers.IntegerField(source="meter_counts.supervisors", read_only=True, allow_null=True)
    repeater_count = serializers.IntegerField(source="meter_counts.repeaters", read_only=True, allow_null=True)
    deepest_level = serializers.IntegerField(source="meter_counts.deepest", read_only=True, allow_null=True)
    availability = serializers.FloatField(source="meter_counts.availability", read_only=True, allow_null=True)
    difference = serializers.IntegerField(read_only=True, allow_null=True, help_text="Meters less customers served.")
    in_conflict = serializers.IntegerField(source="meter_counts.in_conflict", read_only=True, allow_null=True)
    listed_at = MomentField(source="meter_counts.listed_at", read_only=True, allow_null=True)

    class Meta:
        model = Concentrator
        fields = read_only_fields = (
            *("concentrator", "company", "substation", "meters", "active", "temporary_failure", "permanent_failure"),
            *(
                "supervisors",
                "repeater_count",
                "deepest_level",
                "availability",
                "customers",
                "difference",
                "in_conflict",
            ),
            "listed_at",
        )


class TallySerializer(RowSerializer):
    """How many meters of a company there are of one manufacturer, type and state."""

    state = serializers.CharField(source="state_name", read_only=True, help_text=STATES)

    class Meta:
        model = MeterTally
        fields = read_only_fields = ("company", "manufacturer", "type", "state", "meters")


class RepeaterSerializer(RowSerializer):
    """A meter that others are reached through; `parent unknown` for those with no known parent."""

    concentrator = serializers.CharField(source="concentrator.serial_number", read_only=True)
    repeater = serializers.CharField(read_only=True)
    level = serializers.IntegerField(source="sighting.level", read_only=True, allow_null=True)
    lsid = serializers.IntegerField(source="sighting.lsid", read_only=True, allow_null=True)
    state = serializers.CharField(source="state_name", read_only=True, allow_null=True, help_text=STATES)
    last_seen = MomentField(source="sighting.last_seen", read_only=True, allow_null=True)
    share = serializers.FloatField(read_only=True, allow_null=True, help_text="In % of the meters of its concentrator.")

    class Meta:
        model = Repeater
        fields = read_only_fields = (
            *("id", "concentrator", "repeater", "level", "lsid", "direct", "behind", "deepest", "state", "last_seen"),
            "share",
        )


@extend_schema_view(list=extend_schema(summary="Meters"), retrieve=extend_schema(summary="A meter"))
class Meters(ReadOnlyViewSet):
    """All meters that are known, in a list or not."""

    permission = VIEW
    queryset = Meter.objects.all()
    serializer_class = MeterSerializer
    filterset_class = MeterFilters
    export_columns = METER_COLUMNS
    lookup_value_converter = "int"
    order = ("id",)

    def get_queryset(self) -> QuerySet[Any]:
        rows = meters_to_show(self.request.user).select_related("expected_concentrator")
        found: QuerySet[Any] = rows.annotate(concentrator=F("at_serial_number"))
        return found


@extend_schema_view(list=extend_schema(summary="Sightings of meters"), retrieve=extend_schema(summary="A sighting"))
class Sightings(LocalTimes, ReadOnlyViewSet):
    """Each meter at each concentrator that has or had it in its list; the report *Meters in field* has those `chosen`.

    A meter in the lists of several concentrators counts where it is `chosen`.
    """

    permission = VIEW
    queryset = Sighting.objects.all()
    serializer_class = SightingSerializer
    filterset_class = SightingFilterSet
    lookup_value_converter = "int"
    order = ("id",)

    def get_queryset(self) -> QuerySet[Model]:
        return shown_sightings(Sighting.objects.visible_to(self.request.user))

    def get_export_columns(self) -> Sequence[ExportColumn]:
        return field_columns(self.zone)


@extend_schema_view(list=extend_schema(summary="Count meters by concentrator"))
class MeterCountsByConcentrator(LocalTimes, ReadOnlyListViewSet):
    """The report *Count meters by concentrator*: concentrators in field, with what their own lists hold.

    While meters are in several lists, the sum is larger than that of *Count meters*.
    """

    permission = VIEW
    queryset = Concentrator.objects.all()
    serializer_class = CountSerializer
    filterset_class = CountFilterSet
    order = ("id",)

    def get_queryset(self) -> QuerySet[Model]:
        return counted_concentrators(Concentrator.objects.visible_to(self.request.user))

    def get_export_columns(self) -> Sequence[ExportColumn]:
        return count_columns(self.zone)


@extend_schema_view(list=extend_schema(summary="Count meters"))
class MeterCounts(ReadOnlyListViewSet):
    """The report *Count Meters*: distinct meters, without supervisors, of each manufacturer, type and state."""

    permission = VIEW
    queryset = MeterTally.objects.all()
    serializer_class = TallySerializer
    filterset_class = TallyFilterSet
    export_columns = TALLY_COLUMNS
    order = ("id",)

    def get_queryset(self) -> QuerySet[Model]:
        return tallies(Company.objects.visible_to(self.request.user)).annotate(state_name=state_word("state"))

    def get_export_queryset(self) -> QuerySet[Model]:
        """With the share of each where the rows are of one company, as on the page."""
        asked = values_of(self.request, "company")
        seen = Company.objects.visible_to(self.request.user).values_list("pk", flat=True)
        keys = [pk for pk in seen if not asked or str(pk) in asked]
        return tallies(keys, meters_of(keys[0], tallied(self.request, keys)) if len(keys) == 1 else 0)


@extend_schema_view(list=extend_schema(summary="Repeaters"))
class Repeaters(ReadOnlyListViewSet):
    """The report *Concentrator autodiscovery repeater*."""

    permission = VIEW
    queryset = Repeater.objects.all()
    serializer_class = RepeaterSerializer
    filterset_class = RepeaterFilterSet
    export_columns = REPEATER_COLUMNS
    order = ("id",)

    def get_queryset(self) -> QuerySet[Any]:
        concentrators = Concentrator.objects.visible_to(self.request.user)
        return shown_repeaters(Repeater.objects.filter(concentrator__in=concentrators))
