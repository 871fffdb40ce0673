"""Deliveries in the API (STA-7)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _l
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from smmeplus.common.api.resources import ReadOnlyListViewSet
from smmeplus.common.api.serializers import RowSerializer
from wakeup.api.filters import InstantFilter
from wakeup.models import Delivery
from wakeup.monitoring.notifications.events import in_words
from wakeup.monitoring.notifications.pages.tables import EXPORT_COLUMNS, DeliveryFilterSet


class ApiDeliveryFilterSet(DeliveryFilterSet):
    """That of the page, and times of making from one (included) to another (not)."""

    made_from = InstantFilter(label=_l("Made from"), field_name="made_at", lookup_expr="gte")
    made_to = InstantFilter(label=_l("Made before"), field_name="made_at", lookup_expr="lt")

    class Meta:
        model = Delivery
        fields = ["company", "state", "event", "q", "made_from", "made_to"]


class DeliverySerializer(RowSerializer):
    """One thing told to one receiver, or not told, and why."""

    receiver = serializers.CharField(source="receiver.name", read_only=True)
    incident = serializers.IntegerField(source="incident_id", read_only=True, allow_null=True)
    alarm = serializers.IntegerField(source="alarm_id", read_only=True, allow_null=True)
    event = serializers.CharField(read_only=True, help_text="Such as `incident opened`.")
    reason = serializers.SerializerMethodField(help_text="Why it is not delivered; empty if it is.")

    class Meta:
        model = Delivery
        fields = (
            *("id", "receiver", "number", "event", "incident", "alarm", "state", "reason", "made_at", "not_before"),
            *("tries", "next_try_at", "settled_at"),
        )
        read_only_fields = fields

    def get_reason(self, one: Delivery) -> str:
        return in_words(one.reason)


@extend_schema_view(list=extend_schema(summary="Deliveries of notifications"))
class Deliveries(ReadOnlyListViewSet):
    """What receivers of notifications were told, the latest first; `number` counts those of one receiver.

    What is `waiting` is tried again for ever. What was `dropped` was not needed any more before anybody was told.
    """

    permission = "wakeup.view_delivery"
    queryset = Delivery.objects.all()
    serializer_class = DeliverySerializer
    filterset_class = ApiDeliveryFilterSet
    export_columns = EXPORT_COLUMNS
    order = ("-made_at", "-id")

    def get_queryset(self) -> QuerySet[Delivery]:
        return Delivery.objects.visible_to(self.request.user).select_related("receiver")
