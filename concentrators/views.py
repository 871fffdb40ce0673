"""Technical area: the inventory (CON-1)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Concentrator
from concentrators.tables import ConcentratorFilterSet, ConcentratorTable
from smmeplus.lists import ListPage


class ConcentratorList(ListPage):
    """All concentrators that the user may see."""

    model = Concentrator
    table_class = ConcentratorTable
    filterset_class = ConcentratorFilterSet
    title = _l("Concentrators")

    def get_queryset(self) -> QuerySet[Concentrator]:
        return Concentrator.objects.visible_to(self.request.user).select_related("company", "type", "profile")
