"""The figures of a month in the API (STA-6)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Model, QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from concentrators.models import Concentrator
from reports.reliability.figures import MonthReport, Scope
from reports.reliability.filters import MonthFilter, MonthOfCompany, ReliabilityFilterSet
from reports.reliability.indices import (
    Figure,
    Group,
    announced,
    by_customer_time,
    by_customers,
    by_outages,
    coverage,
    total,
)
from reports.reliability.queries import Place
from reports.reliability.tables import EXPORT_COLUMNS
from smmeplus.common.api.resources import READING, ReadOnlyListViewSet
from smmeplus.common.api.serializers import MomentField, RowSerializer
from wakeup.models.incidents import CauseClass

PERMISSION = "wakeup.view_outage"
MONTH = OpenApiParameter("month", str, description="Like 2027-04; the present month by default.")
COMPANY = OpenApiParameter("company", int, description="Its id; by default the first by name.")


class CoverageSerializer(serializers.Serializer):
    """Percents by how well begin and end of the outages are known; null where there are none."""

    measured = serializers.FloatField(allow_null=True)
    restored = serializers.FloatField(allow_null=True)
    inferred = serializers.FloatField(allow_null=True)


class FigureSerializer(serializers.Serializer):
    """Null where it would be a division by nothing."""

    value = serializers.FloatField(allow_null=True)
    coverage = CoverageSerializer()


class IndicesSerializer(serializers.Serializer):
    saidi = FigureSerializer(help_text="Minutes for each customer served.")
    saifi = FigureSerializer(help_text="Interruptions for each customer served.")
    caidi = FigureSerializer(help_text="Minutes for each customer interrupted.")
    maifi = FigureSerializer(help_text="Momentary interruptions for each customer served.")


class ByScopeSerializer(serializers.Serializer):
    unplanned = IndicesSerializer()
    planned = IndicesSerializer()
    all = IndicesSerializer()
    undecided = IndicesSerializer(help_text="Apart: what outages of undecided cause would add.")


class CauseSerializer(serializers.Serializer):
    """The outages of one cause, momentary and planned ones included."""

    cause = serializers.ChoiceField(CauseClass.choices)
    outages = serializers.IntegerField()
    planned = serializers.IntegerField()
    momentary = serializers.IntegerField()
    lasting = serializers.IntegerField()
    seconds = serializers.IntegerField()
    customers = serializers.IntegerField()
    customer_seconds = serializers.IntegerField()
    announced_percent = serializers.FloatField(allow_null=True)
    coverage = CoverageSerializer()


class PlaceSerializer(serializers.Serializer):
    substation = serializers.CharField()
    feeder = serializers.CharField()
    outages = serializers.IntegerField()
    customers = serializers.IntegerField()
    customer_seconds = serializers.IntegerField()


class MonthSerializer(serializers.Serializer):
    """A month of a company. All figures are indicative."""

    company = serializers.IntegerField()
    month = serializers.CharField()
    time_zone = serializers.CharField()
    begin = MomentField()
    end = MomentField()
    as_of = MomentField()
    is_over = serializers.BooleanField()
    hours = serializers.FloatField()
    momentary_limit_min = serializers.IntegerField()
    customers_served = serializers.FloatField(help_text="On an average of the month so far.")
    concentrators = serializers.FloatField(help_text="In field, on an average of the month so far.")
    concentrators_without_customers = serializers.FloatField(help_text="Of these: they count in no index.")
    indices = ByScopeSerializer()
    causes = CauseSerializer(many=True)
    worst_places = PlaceSerializer(many=True)


def described(report: MonthReport) -> dict[str, Any]:
    """What MonthSerializer writes; two queries."""
    span, served = report.span, report.served
    return {
        "company": report.company.pk,
        "month": str(report.month),
        "time_zone": report.zone.key,
        "begin": span.begin.astimezone(report.zone),
        "end": span.end.astimezone(report.zone),
        "as_of": report.now,
        "is_over": span.is_over,
        "hours": span.hours,
        "momentary_limit_min": report.company.momentary_limit_min,
        "customers_served": served.customers,
        "concentrators": served.concentrators,
        "concentrators_without_customers": served.without_customers,
        "indices": {scope.value: _indices_of(report, scope) for scope in Scope},
        "causes": [_cause(cause, groups) for cause, groups in report.by_cause.items()],
        "worst_places": [_place(place) for place in report.places],
    }


def _indices_of(report: MonthReport, scope: Scope) -> dict[str, Any]:
    indices = report.indices[scope]
    return {name: _figure(getattr(indices, name)) for name in ("saidi", "saifi", "caidi", "maifi")}


def _figure(figure: Figure) -> dict[str, Any]:
    return {"value": figure.value, "coverage": figure.coverage._asdict()}


def _cause(cause: CauseClass, groups: list[Group]) -> dict[str, Any]:
    return {
        "cause": cause.value,
        "outages": total(groups, by_outages),
        "planned": total([group for group in groups if group.is_planned], by_outages),
        "momentary": total([group for group in groups if group.is_momentary], by_outages),
        "lasting": total([group for group in groups if group.is_open], by_outages),
        "seconds": sum(group.seconds for group in groups),
        "customers": total(groups, by_customers),
        "customer_seconds": total(groups, by_customer_time),
        "announced_percent": announced(groups),
        "coverage": coverage(groups)._asdict(),
    }


def _place(place: Place) -> dict[str, Any]:
    return {name: getattr(place, name) for name in PlaceSerializer().fields}


class Reliability(GenericAPIView):
    """SAIDI, SAIFI, CAIDI and MAIFI of a month, with their coverage; outages by cause; the worst places.

    An outage belongs to the month of the company's zone in which it began, with all of its length.
    """

    http_method_names = READING
    permission = PERMISSION
    queryset = Concentrator.objects.none()
    serializer_class = MonthSerializer
    filterset_class = MonthOfCompany
    pagination_class = None
    detail = False
    filterset: MonthOfCompany

    @extend_schema(
        summary="Reliability of a month",
        operation_id="reliability_retrieve",
        parameters=[COMPANY, MONTH],
        filters=False,
    )
    def get(self, _request: Request) -> Response:
        self.filter_queryset(self.queryset)  # refuses what is wrong
        report = self.filterset.report
        if report is None:
            raise Http404
        return Response(MonthSerializer(described(report)).data)


class AvailabilityFilters(ReliabilityFilterSet):
    company = django_filters.ChoiceFilter(help_text="By default the first by name.", empty_label=None)
    month = MonthFilter(help_text="Like 2027-04; the present month by default.")


class AvailabilitySerializer(RowSerializer):
    """A concentrator in a month."""

    concentrator = serializers.CharField(source="serial_number", read_only=True)
    availability_percent = serializers.FloatField(
        source="availability", read_only=True, allow_null=True, help_text="Of its time in service; null without any."
    )
    outages = serializers.IntegerField(source="outage_count", read_only=True, help_text="Unplanned.")
    outage_s = serializers.IntegerField(source="dark_s", read_only=True, help_text="Of the month, in seconds.")
    planned_s = serializers.IntegerField(read_only=True, help_text="Of the month, in seconds.")
    expected = serializers.IntegerField(read_only=True, help_text="Wake-ups of the month so far.")
    received = serializers.IntegerField(read_only=True)
    missing = serializers.IntegerField(read_only=True)

    class Meta:
        model = Concentrator
        fields = read_only_fields = (
            "concentrator",
            "company",
            "substation",
            "feeder",
            "customers",
            "availability_percent",
            "outages",
            "outage_s",
            "planned_s",
            "expected",
            "received",
            "missing",
        )


@extend_schema_view(list=extend_schema(summary="Availability of a month"))
class Availability(ReadOnlyListViewSet):
    """How available each concentrator of a company was that was in field in a month, and the wake-ups it missed."""

    permission = PERMISSION
    queryset = Concentrator.objects.all()
    serializer_class = AvailabilitySerializer
    filterset_class = AvailabilityFilters
    export_columns = EXPORT_COLUMNS
    order = ("serial_number",)

    def get_queryset(self) -> QuerySet[Model]:
        return Concentrator.objects.visible_to(self.request.user).of_the_field()
