"""Power failures by the concentrators' own logs in the API (STA-11)."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _l
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from concentrators.companies import companies_of
from concentrators.models import PowerFailure
from smmeplus.common.api.resources import ReadOnlyListViewSet
from smmeplus.common.api.serializers import MomentField, RowSerializer
from smmeplus.common.lists import ListFilterSet
from wakeup.api.filters import InstantFilter, SerialFilter


class PowerFailureFilterSet(ListFilterSet):
    """Times at which power was back are from one (included) to another (not)."""

    company = django_filters.ChoiceFilter(
        label=_l("Company"), field_name="concentrator__company", empty_label=_l("All")
    )
    concentrator = SerialFilter()
    ended_from = InstantFilter(label=_l("Power back from"), field_name="ended_at", lookup_expr="gte")
    ended_to = InstantFilter(label=_l("Power back before"), field_name="ended_at", lookup_expr="lt")

    class Meta:
        model = PowerFailure
        fields = ["company", "concentrator", "ended_from", "ended_to"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))


class PowerFailureSerializer(RowSerializer):
    """A time without power, as the concentrator's own log has it."""

    concentrator = serializers.CharField(source="concentrator.serial_number", read_only=True)
    company = serializers.IntegerField(source="concentrator.company_id", read_only=True)
    ended_at = MomentField(read_only=True, help_text="When power was back, by our clock.")
    device_at = MomentField(read_only=True, allow_null=True, help_text="The same by the clock of the concentrator.")
    duration_s = serializers.IntegerField(read_only=True, help_text="For how many seconds it had been away.")

    class Meta:
        model = PowerFailure
        fields = ("id", "concentrator", "company", "ended_at", "duration_s", "device_at", "read_at")
        read_only_fields = fields


@extend_schema_view(list=extend_schema(summary="Power failures"))
class PowerFailures(ReadOnlyListViewSet):
    """Power failures by the concentrators' own logs, the latest read first.

    A log is read after a boot, and may then tell of failures long before. To follow new ones remember the `id` of the
    last one that you know.
    """

    permission = "concentrators.view_concentrator"
    queryset = PowerFailure.objects.all()
    serializer_class = PowerFailureSerializer
    filterset_class = PowerFailureFilterSet
    order = ("-id",)

    def get_queryset(self) -> QuerySet[PowerFailure]:
        return PowerFailure.objects.visible_to(self.request.user).select_related("concentrator")
