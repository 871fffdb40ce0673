"""Technical area: the inventory (CON-1)."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _l

from concentrators.filters import ConcentratorFilterSet
from concentrators.importing import COLUMN_NAMES
from concentrators.models import Concentrator
from concentrators.tables import ConcentratorTable
from smmeplus.common.exporting import ExportColumn
from smmeplus.common.lists import ListPage, ListTable

EXPORT_PATHS = {"type": "type__name", "profile": "profile__name"}


class ConcentratorList(ListPage):
    """All concentrators that the user may see. A subclass that knows their status adds it."""

    model = Concentrator
    table_class: ClassVar[type[ListTable]] = ConcentratorTable
    filterset_class = ConcentratorFilterSet
    title = _l("Concentrators")
    # The columns of an installation file, so that an export can be uploaded again unchanged (CON-5).
    export_columns = tuple(ExportColumn(name, EXPORT_PATHS.get(name, name)) for name in COLUMN_NAMES)

    def get_queryset(self) -> QuerySet[Concentrator]:
        return Concentrator.objects.visible_to(self.request.user).select_related("company", "type", "profile")
