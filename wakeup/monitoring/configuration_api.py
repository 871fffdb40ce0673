"""Configurations in the API: to read, and to try again (CFG-1, CFG-3)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_serializer, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from concentrators.models import Concentrator, Configuration, Parameter
from concentrators.procedures.trying_again import try_all_again
from profiles.requests import settings_of
from smmeplus.common.api.once import OnceMixin
from smmeplus.common.api.resources import BySerialMixin, ReadOnlyViewSet
from smmeplus.common.api.serializers import MomentField, RowSerializer
from smmeplus.common.request import now_of
from wakeup.api.filters import SerialFilter
from wakeup.monitoring.api import ProfileNameSerializer
from wakeup.monitoring.concentrator.configuration import ShownValue, shown_values
from wakeup.monitoring.configurations.filters import ConfigurationFilterSet, configurations_to_show
from wakeup.monitoring.configurations.tables import EXPORT_COLUMNS


class ConfigurationFilters(ConfigurationFilterSet):
    concentrator = SerialFilter()


class ValueSerializer(serializers.Serializer):
    """A parameter, as its profile asks for it now and as it was last written and read back."""

    parameter = serializers.ChoiceField(Parameter.choices)
    desired = serializers.CharField(allow_blank=True)
    written = serializers.CharField(allow_blank=True, help_text="Empty: it never had to be written.")
    written_at = MomentField(allow_null=True)
    read_back = serializers.CharField(allow_blank=True)
    read_at = MomentField(allow_null=True)
    differs = serializers.BooleanField(help_text="Whether it was read back as something else than desired.")


# Clients of openapi-generator have a class Configuration of their own.
@extend_schema_serializer(component_name="ConcentratorConfiguration")
class ConfigurationSerializer(RowSerializer):
    """How far writing into a concentrator in field has got."""

    concentrator = serializers.CharField(source="concentrator.serial_number", read_only=True)
    company = serializers.IntegerField(source="concentrator.company_id", read_only=True)
    profile = ProfileNameSerializer(read_only=True)
    state_since = MomentField(source="since", read_only=True)
    reason = serializers.CharField(source="failure", read_only=True, help_text="Of *failed*; else empty.")
    heard_not_reachable_since = MomentField(
        read_only=True, allow_null=True, help_text="Null: it can be connected to, or has sent no wake-up since."
    )
    failures_in_a_row = serializers.IntegerField(source="failures", read_only=True)
    other_device = serializers.CharField(
        source="other_serial", read_only=True, help_text="Which answered at its address; else empty."
    )
    other_device_at = MomentField(source="other_at", read_only=True, allow_null=True)
    values = serializers.SerializerMethodField()

    class Meta:
        model = Configuration
        fields = read_only_fields = (
            "concentrator",
            "company",
            "profile",
            "state",
            "state_since",
            "reason",
            "detail",
            "heard_not_reachable_since",
            "next_try_at",
            "last_try_at",
            "tries_day",
            "tries",
            "failures_in_a_row",
            "written_at",
            "confirmed_at",
            "checked_at",
            "other_device",
            "other_device_at",
            "values",
        )

    @extend_schema_field(ValueSerializer(many=True))
    def get_values(self, one: Configuration) -> list[Any]:
        shown: list[ShownValue] = []
        if one.profile:
            system = settings_of(self.context["request"])
            shown = shown_values(one.concentrator, one.profile, one, system)
        return list(ValueSerializer(shown, many=True).data)


@extend_schema_view(list=extend_schema(summary="Configurations"), retrieve=extend_schema(summary="One configuration"))
class Configurations(BySerialMixin, ReadOnlyViewSet):
    """What is written into the concentrators in field, in the order in which they came into the inventory."""

    permission = "concentrators.view_concentrator"
    queryset = Configuration.objects.all()
    serializer_class = ConfigurationSerializer
    filterset_class = ConfigurationFilters
    export_columns = EXPORT_COLUMNS
    order = ("concentrator_id",)
    lookup_field = "concentrator__serial_number"
    lookup_url_kwarg = "serial_number"
    lookup_value_converter = "slug"

    def get_queryset(self) -> QuerySet[Any]:
        rows = configurations_to_show(self.request.user).select_related("concentrator__type", "profile")
        return rows.prefetch_related("values")


class TriedSerializer(serializers.Serializer):
    """What was done."""

    changed = serializers.IntegerField(help_text="What is being written just now is left alone.")
    audit_id = serializers.UUIDField(allow_null=True, help_text="Null if none changed.")


class TryAgain(OnceMixin, GenericAPIView):
    """Make all configurations due now that match the filters, whatever their pause; at least one filter is needed."""

    http_method_names = ("post",)
    detail = False
    permission = "concentrators.change_concentrator"
    queryset = Configuration.objects.none()
    serializer_class = TriedSerializer
    filterset_class = ConfigurationFilters
    pagination_class = None

    def get_queryset(self) -> QuerySet[Any]:
        return configurations_to_show(self.request.user)

    @extend_schema(
        summary="Try to write again",
        operation_id="configurations_try_again",
        request=None,
        responses={200: TriedSerializer},
    )
    def post(self, request: Request) -> Response:
        if not request.query_params:
            raise serializers.ValidationError({"state": _("Name at least one filter, such as state=failed.")})
        chosen = self.filter_queryset(self.get_queryset()).order_by()
        concentrators = Concentrator.objects.filter(configuration__in=chosen.values("pk"))
        done = try_all_again(concentrators, user=request.user, now=now_of(request))
        return Response(TriedSerializer(done._asdict()).data)
