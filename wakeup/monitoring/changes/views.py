"""Technical area, Monitoring: how the status of concentrators changed (STA-3)."""

from __future__ import annotations

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _l

from smmeplus.common.lists import ListPage
from wakeup.models import StatusChange
from wakeup.monitoring.changes.tables import EXPORT_COLUMNS, ChangeFilterSet, ChangeTable


class ChangeList(PermissionRequiredMixin, ListPage):  # type: ignore[misc] # both dispatch alike
    model = StatusChange
    table_class = ChangeTable
    filterset_class = ChangeFilterSet
    permission_required = "wakeup.view_statuschange"
    export_columns = EXPORT_COLUMNS
    title = _l("Changes of status")

    def get_queryset(self) -> QuerySet[StatusChange]:
        return StatusChange.objects.visible_to(self.request.user).select_related("concentrator")
