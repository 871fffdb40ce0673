"""Technical area, Configuration: how far writing into each concentrator has got (CFG-1, CFG-3)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Concentrator, Configuration
from smmeplus.common.lists import ListPage
from wakeup.monitoring.configurations.filters import ConfigurationFilterSet, configurations_to_show
from wakeup.monitoring.configurations.tables import EXPORT_COLUMNS, ConfigurationTable
from wakeup.monitoring.inventory.trying_again import TryMatchingAgain


class ConfigurationList(PermissionRequiredMixin, ListPage):  # type: ignore[misc] # both dispatch alike
    model = Configuration
    table_class = ConfigurationTable
    filterset_class = ConfigurationFilterSet
    permission_required = "concentrators.view_concentrator"
    template_name = "wakeup/configurations.html"
    title = _l("Configurations")
    export_columns = EXPORT_COLUMNS

    def get_queryset(self) -> QuerySet[Any]:
        return configurations_to_show(self.request.user)


class TryConfigurationsAgain(TryMatchingAgain):
    """The same for those that match the filters of this list."""

    filterset_class = ConfigurationFilterSet
    list_view = "configurations:list"

    def rows(self) -> QuerySet[Any]:
        return configurations_to_show(self.request.user)

    def concentrators(self, matching: QuerySet[Any]) -> QuerySet[Concentrator]:
        return Concentrator.objects.filter(configuration__in=matching.order_by().values("pk"))
