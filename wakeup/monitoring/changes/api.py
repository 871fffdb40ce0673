"""Changes of status in the API (STA-3)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _l
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from smmeplus.common.api.pagination import Order
from smmeplus.common.api.resources import ReadOnlyListViewSet
from smmeplus.common.api.serializers import MomentField, RowSerializer
from wakeup.api.filters import MOST_KEY, InstantFilter, KeyFilter, SerialFilter
from wakeup.models import StatusChange
from wakeup.models.verdicts import Cause
from wakeup.monitoring.changes.settled import last_settled
from wakeup.monitoring.changes.tables import EXPORT_COLUMNS, ChangeFilterSet
from wakeup.monitoring.status.rules import Status


class StatusChangeFilterSet(ChangeFilterSet):
    """That of the page, one concentrator, and times of change from one (included) to another (not)."""

    concentrator = SerialFilter()
    changed_from = InstantFilter(label=_l("Changed from"), field_name="at", lookup_expr="gte")
    changed_to = InstantFilter(label=_l("Changed before"), field_name="at", lookup_expr="lt")
    after = KeyFilter(
        label=_l("Recorded after the change with this id"),
        field_name="id",
        lookup_expr="gt",
        min_value=0,
        max_value=MOST_KEY,
    )

    class Meta:
        model = StatusChange
        fields = ["concentrator", "company", "to_status", "reason", "q", "changed_from", "changed_to", "after"]


class StatusChangeSerializer(RowSerializer):
    """A change of status at its true time."""

    concentrator = serializers.CharField(source="concentrator.serial_number", read_only=True)
    changed_at = MomentField(source="at", read_only=True)
    from_status = serializers.ChoiceField(Status.choices, read_only=True, allow_blank=True, help_text="Empty: none.")
    to_status = serializers.ChoiceField(Status.choices, read_only=True, allow_blank=True, help_text="Empty: none.")

    verdict = serializers.ChoiceField(
        Cause.choices, read_only=True, allow_null=True, help_text="Whose fault silence was; null while nobody judged."
    )

    class Meta:
        model = StatusChange
        fields = ("id", "concentrator", "changed_at", "from_status", "to_status", "reason", "verdict")
        read_only_fields = fields


@extend_schema_view(list=extend_schema(summary="Changes of status"))
class StatusChanges(ReadOnlyListViewSet):
    """How the status of concentrators changed, the latest first; empty is the status of what is not in field.

    `changed_at` is when it changed and not when that was noticed, some seconds later or, if `watchstatus` has stood
    still, much later. To follow new changes keep the `id` of the last one that you have got, however long, and ask
    for those `after` it, 0 at first: these come in the order in which they were recorded, and none is missed.
    """

    permission = "wakeup.view_statuschange"
    queryset = StatusChange.objects.all()
    serializer_class = StatusChangeSerializer
    filterset_class = StatusChangeFilterSet
    export_columns = EXPORT_COLUMNS

    def get_queryset(self) -> QuerySet[StatusChange]:
        rows = StatusChange.objects.visible_to(self.request.user).select_related("concentrator")
        return rows.filter(pk__lte=last_settled()) if self._is_followed else rows

    @property
    def order(self) -> Order:  # type: ignore[override] # of the class
        return ("id",) if self._is_followed else ("-at", "-id")

    @property
    def _is_followed(self) -> bool:
        return "after" in self.request.query_params
