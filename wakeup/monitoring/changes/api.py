"""Changes of status in the API (STA-3)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _l
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from smmeplus.common.api.resources import ReadOnlyListViewSet
from smmeplus.common.api.serializers import MomentField, RowSerializer
from wakeup.api.filters import InstantFilter, SerialFilter
from wakeup.models import StatusChange
from wakeup.models.verdicts import Cause
from wakeup.monitoring.changes.tables import EXPORT_COLUMNS, ChangeFilterSet
from wakeup.monitoring.status.rules import Status


class StatusChangeFilterSet(ChangeFilterSet):
    """That of the page, one concentrator, and times of change from one (included) to another (not)."""

    concentrator = SerialFilter()
    changed_from = InstantFilter(label=_l("Changed from"), field_name="at", lookup_expr="gte")
    changed_to = InstantFilter(label=_l("Changed before"), field_name="at", lookup_expr="lt")

    class Meta:
        model = StatusChange
        fields = ["concentrator", "company", "to_status", "reason", "q", "changed_from", "changed_to"]


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
    still, much later. To follow new changes remember the `id` of the last one that you know.
    """

    permission = "wakeup.view_statuschange"
    queryset = StatusChange.objects.all()
    serializer_class = StatusChangeSerializer
    filterset_class = StatusChangeFilterSet
    export_columns = EXPORT_COLUMNS
    order = ("-at", "-id")

    def get_queryset(self) -> QuerySet[StatusChange]:
        return StatusChange.objects.visible_to(self.request.user).select_related("concentrator")
