"""Technical area: the inventory with the status of each concentrator (CON-1, STA-1)."""

from __future__ import annotations

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _l

from concentrators.tables import ConcentratorTable
from concentrators.views import ConcentratorList
from profiles.requests import settings_of
from smmeplus.common.lists import ListTable
from smmeplus.common.request import now_of
from wakeup.monitoring.status.filters import InventoryFilterSet
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

    def get_table(self) -> ListTable:
        now, timing = now_of(self.request), Timing.of(settings_of(self.request))
        return InventoryTable(self.object_list, self.request, now=now, timing=timing)
