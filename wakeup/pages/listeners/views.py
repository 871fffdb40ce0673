"""Technical area, Monitoring: the listeners (LIS-7)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from smmeplus.common.lists import ListPage
from wakeup.models import ListenerRun
from wakeup.pages.listeners.tables import ListenerFilterSet, ListenerTable, with_state


class ListenerList(PermissionRequiredMixin, ListPage):  # type: ignore[misc] # both dispatch alike
    """Which listeners run, since when, and how much comes in; it refreshes itself."""

    model = ListenerRun
    table_class = ListenerTable
    filterset_class = ListenerFilterSet
    permission_required = "wakeup.view_listenerrun"
    template_name = "wakeup/listeners.html"
    title = _l("Listeners")

    def get_queryset(self) -> QuerySet[Any]:
        return with_state(ListenerRun.objects.all(), timezone.now())

    def get_template_names(self) -> list[str]:
        (name,) = super().get_template_names()
        return ["wakeup/listeners_part.html" if name == "table.html" else name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        alive = ListenerRun.objects.alive(timezone.now()).count()
        return super().get_context_data(**kwargs, alive=alive)
