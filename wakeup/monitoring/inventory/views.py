"""Technical area: the inventory with the status of each concentrator (CON-1, STA-1)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _l

from concentrators.importing import COLUMN_NAMES
from concentrators.models import Concentrator
from concentrators.tables import ConcentratorTable
from profiles.requests import settings_of
from smmeplus.common.exporting import ExportColumn
from smmeplus.common.lists import ListPage, ListTable
from smmeplus.common.request import now_of
from wakeup.monitoring.status.filters import InventoryFilterSet
from wakeup.monitoring.status.rules import Timing
from wakeup.monitoring.status.tables import StatusColumn, StatusTable


class InventoryTable(StatusTable, ConcentratorTable):
    status = StatusColumn(verbose_name=_l("Status"))

    class Meta(ConcentratorTable.Meta):
        # Status and name stay in sight; what is the same nearly everywhere comes last.
        sequence = [
            *("status", "serial_number", "state", "substation", "feeder", "customers", "profile"),
            "...",
            *("type", "manufacturer"),
        ]

    frozen = 2


EXPORT_PATHS = {"type": "type__name", "profile": "profile__name", "company": "company__name"}
#: What an upload may say beside what it sets: an installation file is of one company, and procedures change the state.
SAID = ("company", "state")


class Inventory(ListPage):
    model = Concentrator
    filterset_class = InventoryFilterSet
    title = _l("Concentrators")
    template_name = "wakeup/inventory.html"
    # The columns of an installation file, so that what was exported uploads again unchanged (CON-5).
    export_columns = tuple(
        ExportColumn(name, EXPORT_PATHS.get(name, name)) for name in dict.fromkeys((*COLUMN_NAMES, *SAID))
    )

    def get_queryset(self) -> QuerySet[Concentrator]:
        return Concentrator.objects.visible_to(self.request.user).select_related("company", "type", "profile")

    def get_table(self) -> ListTable:
        now, timing = now_of(self.request), Timing.of_page(settings_of(self.request))
        return InventoryTable(self.object_list, self.request, now=now, timing=timing)
