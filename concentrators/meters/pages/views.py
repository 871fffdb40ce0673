"""Meters: all of them, one of them, those of a concentrator and its tree of repeaters (MET-6)."""

from __future__ import annotations

from datetime import UTC
from functools import cached_property
from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import DetailView, TemplateView

from concentrators.meters.pages.drawing import drawn
from concentrators.meters.pages.facts import (
    SHOWN_CHANGES,
    SHOWN_DAYS,
    availability_of,
    changes_of_meter,
    open_conflict,
    sightings_of_meter,
    why_it_counts,
)
from concentrators.meters.pages.queries import concentrator_for, meters_to_show, sightings_of
from concentrators.meters.pages.tables import (
    METER_COLUMNS,
    SIGHTING_COLUMNS,
    MeterFilterSet,
    MeterTable,
    SightingFilterSet,
    SightingTable,
)
from concentrators.meters.pages.tree import tree_of
from concentrators.models import Concentrator, Meter, Sighting
from smmeplus.common.lists import ListPage
from smmeplus.common.request import now_of

VIEW = "concentrators.view_meter"


class MeterList(PermissionRequiredMixin, ListPage):  # type: ignore[misc] # both dispatch alike
    model = Meter
    table_class = MeterTable
    filterset_class = MeterFilterSet
    permission_required = VIEW
    title = _l("Meters")
    description = _l(
        "Every meter that a list or the master file has named, also those of no list. State and last contact are those "
        "at the concentrator where it counts."
    )
    export_columns = METER_COLUMNS

    def get_queryset(self) -> QuerySet[Any]:
        return meters_to_show(self.request.user)


class MeterPage(PermissionRequiredMixin, DetailView[Meter]):
    permission_required = VIEW
    template_name = "meters/page.html"

    def get_queryset(self) -> QuerySet[Meter]:
        return Meter.objects.visible_to(self.request.user).select_related("company", "expected_concentrator")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        meter, now = self.object, now_of(self.request)
        sightings, conflict = sightings_of_meter(meter), open_conflict(meter)
        chosen = next((shown for shown in sightings if shown.sighting.chosen), None)
        return super().get_context_data(
            **kwargs,
            title=meter.name,
            badge=chosen.badge if chosen else "",
            sightings=sightings,
            conflict=conflict,
            where=why_it_counts(sightings, conflict),
            changes=changes_of_meter(meter),
            shown_changes=SHOWN_CHANGES,
            availability=availability_of(meter, sightings, now.astimezone(UTC).date()),
            shown_days=SHOWN_DAYS,
        )


class MetersOfConcentrator(PermissionRequiredMixin, ListPage):  # type: ignore[misc]
    """What its lists hold and have held."""

    model = Sighting
    table_class = SightingTable
    filterset_class = SightingFilterSet
    permission_required = VIEW
    template_name = "meters/of_concentrator.html"
    export_columns = SIGHTING_COLUMNS

    @cached_property
    def concentrator(self) -> Concentrator:
        return concentrator_for(self.request.user, self.kwargs["serial_number"])

    @property
    def title(self) -> str:
        return _("Meters of %(serial)s") % {"serial": self.concentrator}

    def get_queryset(self) -> QuerySet[Any]:
        return sightings_of(self.concentrator)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, concentrator=self.concentrator)


class TreePage(PermissionRequiredMixin, TemplateView):
    permission_required = VIEW
    template_name = "meters/tree.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        one = concentrator_for(self.request.user, self.kwargs["serial_number"])
        tree, asked = tree_of(one), self.request.GET
        is_open = "unfolded" in asked or (tree.is_small and "folded" not in asked)
        return super().get_context_data(
            **kwargs,
            title=_("Tree of repeaters of %(serial)s") % {"serial": one},
            concentrator=one,
            counts=getattr(one, "meter_counts", None),
            tree=tree,
            branches=[(branch, drawn(branch.lines, is_open=is_open)) for branch in tree.branches],
        )
