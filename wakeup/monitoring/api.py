"""Concentrators in the API, to read: facts, wake-ups, status (CON-1, CON-6, STA-1)."""

from __future__ import annotations

from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _l
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from concentrators.companies import companies_of
from concentrators.filters import PlaceFilter
from concentrators.keys.rights import may_see_keys
from concentrators.models import Concentrator, DeviceKeys, State
from profiles.models import SpontaneousProfile
from profiles.requests import settings_of
from smmeplus.common.api.resources import BySerialMixin, ReadOnlyViewSet
from smmeplus.common.api.serializers import MomentField, RowSerializer
from smmeplus.common.request import now_of
from wakeup.api.filters import InstantFilter
from wakeup.counts.filters import DayFilter
from wakeup.models import WakeupTotal
from wakeup.models.zones import with_zones, zone_in_force
from wakeup.monitoring.expected.sql import silent_on
from wakeup.monitoring.inventory.views import Inventory
from wakeup.monitoring.status.facts import RELATED, rows_with_status
from wakeup.monitoring.status.filters import InventoryFilterSet
from wakeup.monitoring.status.rules import Status, StatusReason, Timing

OF_TOTAL = {"read_only": True, "allow_null": True}  # there is none before the first message


class ProfileNameSerializer(RowSerializer):
    """Which profile."""

    class Meta:
        model = SpontaneousProfile
        fields = read_only_fields = ("id", "name")


class ConcentratorSerializer(RowSerializer):
    """A concentrator of the inventory.

    `has_keys`, `system_title` and `ciphered_only` are null for who may not see them; the keys themselves are nowhere.
    """

    type = serializers.CharField(source="type.name", read_only=True)
    profile = ProfileNameSerializer(read_only=True, allow_null=True)
    first_wakeup_at = MomentField(source="total.first_wakeup_at", **OF_TOTAL)
    last_wakeup_at = MomentField(source="total.last_wakeup_at", **OF_TOTAL)
    wakeup_count = serializers.SerializerMethodField()
    last_gasp_at = MomentField(source="total.last_gasp_at", **OF_TOTAL)
    source_ip = serializers.IPAddressField(source="total.source_ip", help_text="Of the last wake-up.", **OF_TOTAL)
    status = serializers.ChoiceField(Status.choices, read_only=True, allow_null=True, help_text="Null: not in field.")
    status_since = MomentField(read_only=True, allow_null=True, help_text="Null for what is not in field.")
    status_reason = serializers.ChoiceField(StatusReason.choices, read_only=True, allow_blank=True)
    has_keys = serializers.SerializerMethodField(help_text="Whether its ciphered messages can be read.")
    system_title = serializers.SerializerMethodField(help_text="Null, too, for one without keys.")
    ciphered_only = serializers.SerializerMethodField(
        help_text="Whether its messages that are not ciphered are refused."
    )
    due_at = MomentField(read_only=True, allow_null=True, help_text="When the wake-up is, or was, due that decides.")

    class Meta:
        model = Concentrator
        fields = read_only_fields = (
            "serial_number",
            "company",
            *Concentrator.FACTS,
            "state",
            "profile",
            "installed_at",
            "first_wakeup_at",
            "last_wakeup_at",
            "wakeup_count",
            "last_gasp_at",
            "source_ip",
            "status",
            "status_since",
            "status_reason",
            "due_at",
            "has_keys",
            "system_title",
            "ciphered_only",
        )

    def get_wakeup_count(self, one: Concentrator) -> int:
        total: WakeupTotal | None = getattr(one, "total", None)
        return total.wakeup_count if total else 0

    def get_has_keys(self, one: Concentrator) -> bool | None:
        return self._keys_of(one) is not None if self._sees_keys else None

    def get_system_title(self, one: Concentrator) -> str | None:
        keys = self._keys_of(one)
        return keys.system_title if keys and self._sees_keys else None

    def get_ciphered_only(self, one: Concentrator) -> bool | None:
        keys = self._keys_of(one)
        return bool(keys and keys.ciphered_only) if self._sees_keys else None

    @property
    def _sees_keys(self) -> bool:
        return may_see_keys(self.context["request"].user)

    @staticmethod
    def _keys_of(one: Concentrator) -> DeviceKeys | None:
        return getattr(one, "device_keys", None)


class ConcentratorFilters(InventoryFilterSet):
    """Those of the inventory and of the report *Concentrators in field*."""

    substation = PlaceFilter(_l("Substation"))
    feeder = PlaceFilter(_l("Feeder"))
    silent_on = DayFilter(label=_l("Silent on"), method="only_silent")
    status_since_from = InstantFilter(label=_l("Status since"), field_name="watch__status_at", lookup_expr="gte")
    status_since_to = InstantFilter(label=_l("Status since before"), field_name="watch__status_at", lookup_expr="lt")

    class Meta:
        model = Concentrator
        fields = [
            *InventoryFilterSet.Meta.fields,
            *("substation", "feeder", "silent_on", "status_since_from", "status_since_to"),
        ]

    def only_silent(self, rows: QuerySet[Concentrator], _name: str, day: date) -> QuerySet[Concentrator]:
        """Those expected to send a wake-up on the reporting day ``day`` of their companies, and silent all day."""
        companies: dict[ZoneInfo, list[int]] = {}
        for company in with_zones(companies_of(self.request)):
            zone = zone_in_force(company, settings_of(self.request))
            companies.setdefault(zone, []).append(company.pk)
        in_field = rows.filter(state=State.IN_FIELD).of_the_field()  # type: ignore[attr-defined] # of our queryset
        silent = [
            silent_on(in_field.filter(company__in=keys) if len(companies) > 1 else in_field, day, zone, self.now)
            for zone, keys in companies.items()
        ]
        keys = [one.order_by().values("pk") for one in silent]
        return rows.filter(reduce(or_, (Q(pk__in=of_zone) for of_zone in keys))) if keys else rows.none()


@extend_schema_view(list=extend_schema(summary="Concentrators"), retrieve=extend_schema(summary="One concentrator"))
class Concentrators(BySerialMixin, ReadOnlyViewSet):
    """The inventory with wake-ups and status, ordered by serial number.

    The status is computed from facts at the moment of asking.
    """

    permission = "concentrators.view_concentrator"
    queryset = Concentrator.objects.all()
    serializer_class = ConcentratorSerializer
    filterset_class = ConcentratorFilters
    export_columns = Inventory.export_columns
    order = ("serial_number",)
    lookup_field = "serial_number"
    lookup_value_converter = "slug"

    def get_queryset(self) -> QuerySet[Concentrator]:
        return Concentrator.objects.visible_to(self.request.user).select_related("type", "device_keys", *RELATED)

    def fetch(self, rows: QuerySet[Any], count: int) -> list[Any]:
        return self._judged(super().fetch(rows, count))

    def get_object(self) -> Any:
        return self._judged([super().get_object()])[0]

    def _judged(self, rows: list[Any]) -> list[Any]:
        judged = rows_with_status(rows, now_of(self.request), Timing.of_page(settings_of(self.request)))
        for row in judged:
            row.status_since = row.status_since or _recorded_since(row)
        return judged


def _recorded_since(row: Any) -> datetime | None:
    """Since when it has its status, by the last change that `watchstatus` has recorded."""
    watch = getattr(row, "watch", None)
    return watch.status_at if watch and row.status and watch.status == row.status else None
