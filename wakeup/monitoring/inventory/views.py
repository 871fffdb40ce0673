"""Technical area: the inventory with the status of each concentrator (CON-1, STA-1)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _l

from concentrators.tables import ConcentratorTable
from concentrators.views import ConcentratorList
from profiles.models import SystemSettings
from smmeplus.common.lists import ListTable
from wakeup.monitoring.status.filters import InventoryFilterSet, moment_of
from wakeup.monitoring.status.rules import Timing
from wakeup.monitoring.status.tables import JudgedTable


class InventoryTable(JudgedTable, ConcentratorTable):
    """The inventory with the status of what is in field."""

    status = tables.Column(verbose_name=_l("Status"))

    class Meta(ConcentratorTable.Meta):
        # What tells how it is and where comes first: not all columns fit on every screen.
        sequence = ["serial_number", "status", "state", "substation", "feeder", "customers", "profile", "..."]


class Inventory(ConcentratorList):
    """All concentrators that the user may see, with their status."""

    filterset_class = InventoryFilterSet
    table_class = InventoryTable

    @cached_property
    def settings(self) -> SystemSettings:
        return SystemSettings.current()

    def get_filterset_kwargs(self, filterset_class: Any) -> dict[str, Any]:
        return {**super().get_filterset_kwargs(filterset_class), "settings": self.settings}

    def get_table(self) -> ListTable:
        now, timing = moment_of(self.request), Timing.of(self.settings)
        return InventoryTable(self.object_list, self.request, now=now, timing=timing)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, system_settings=self.settings)
