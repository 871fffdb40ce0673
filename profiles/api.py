"""Profiles and settings in the API, to read (API-1)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import RetrieveAPIView

from profiles.filters import ProfileFilterSet
from profiles.models import SpontaneousProfile, SystemSettings
from smmeplus.common.api.resources import READING, ReadOnlyViewSet
from smmeplus.common.api.serializers import RowSerializer


class ProfileSerializer(RowSerializer):
    """A spontaneous profile, and how many of the concentrators that you see use it."""

    company = serializers.PrimaryKeyRelatedField(
        read_only=True, allow_null=True, help_text="The one company that it belongs to; null: all."
    )
    concentrator_count = serializers.IntegerField(read_only=True)
    #: No enum: profiles of older settings may have a period that is offered no more (PRO-6).
    wakeup_period = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = SpontaneousProfile
        fields = read_only_fields = ("id", "name", *SpontaneousProfile.PARAMETERS, "company", "concentrator_count")


@extend_schema_view(list=extend_schema(summary="Profiles"), retrieve=extend_schema(summary="One profile"))
class Profiles(ReadOnlyViewSet):
    """Spontaneous profiles: what concentrators are told about the messages that they send by themselves.

    Ordered by name. `wakeup_period` is in minutes, null where a profile never had one.
    """

    permission = "profiles.view_spontaneousprofile"
    queryset = SpontaneousProfile.objects.all()
    serializer_class = ProfileSerializer
    filterset_class = ProfileFilterSet
    order = ("name_folded",)
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[SpontaneousProfile]:
        return SpontaneousProfile.objects.visible_to(self.request.user).with_usage(self.request.user)


class SettingsSerializer(RowSerializer):
    """The system settings, with their defaults where nobody saved any."""

    class Meta:
        model = SystemSettings
        fields = read_only_fields = (
            "environment_name",
            "wakeup_ip",
            "wakeup_port",
            "last_gasp_configurable",
            "last_gasp_ip",
            "reporting_zone",
            "messages_kept_days",
            "strays_kept_days",
            "events_kept_days",
            "from_elsewhere",
            "retry_count",
            "retry_interval_s",
            "retry_pause_min",
            "margin_s",
            "falls_percent",
            "alarm_delay_min",
            "alarm_medium_customers",
            "alarm_high_customers",
        )


@extend_schema_view(get=extend_schema(summary="System settings", operation_id="settings_retrieve"))
class Settings(RetrieveAPIView):
    """The system settings. Administrators change them in the admin site.

    Who may look at profiles may read them: profiles say the same address and port.
    """

    http_method_names = READING
    permission = "profiles.view_spontaneousprofile"
    queryset = SystemSettings.objects.all()
    serializer_class = SettingsSerializer
    detail = True  # takes no parameters

    def get_object(self) -> Any:
        self.filter_queryset(self.queryset)
        return SystemSettings.current()
