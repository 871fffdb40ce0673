"""Technical area, Monitoring: incidents, and the work list of single silent concentrators (STA-5, STA-9)."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.models import AnyUser, sees_all
from smmeplus.common.audit import changes_of
from smmeplus.common.choosing.tables import only_selected
from smmeplus.common.lists import ListPage, ListTable
from smmeplus.common.request import now_of
from wakeup.models import Incident, Outage
from wakeup.monitoring.incidents.evidence import IncidentSign
from wakeup.monitoring.incidents.pages.filters import IncidentFilterSet, MemberFilterSet, WorkFilterSet
from wakeup.monitoring.incidents.pages.forms import MemberChoiceForm
from wakeup.monitoring.incidents.pages.queries import incidents_to_show, outages_to_show, single_silent
from wakeup.monitoring.incidents.pages.tables import (
    INCIDENT_COLUMNS,
    OUTAGE_COLUMNS,
    IncidentTable,
    MemberTable,
    WorkTable,
    badge,
)
from wakeup.monitoring.incidents.pages.timeline import timeline_of
from wakeup.monitoring.incidents.states import state_of, title_of
from wakeup.monitoring.verdicts.wording import findings_in_words

VIEW = "wakeup.view_incident"
_LABELS = dict(IncidentSign.choices)


def incident_for(user: AnyUser, pk: int) -> Incident:
    """The one with ``pk``. Raises Http404 if ``user`` does not see it."""
    rows = Incident.objects.visible_to(user).select_related("company", "owner", "merged_into", "planned__work")
    return get_object_or_404(rows, pk=pk)


class IncidentList(PermissionRequiredMixin, ListPage):  # type: ignore[misc] # both dispatch alike
    model = Incident
    table_class = IncidentTable
    filterset_class = IncidentFilterSet
    permission_required = VIEW
    title = _l("Incidents")
    description = _l("What happened to many concentrators at once, as one thing. The worst first.")
    export_columns = INCIDENT_COLUMNS

    def get_queryset(self) -> QuerySet[Any]:
        return incidents_to_show(self.request.user)


class WorkList(PermissionRequiredMixin, ListPage):  # type: ignore[misc]
    model = Outage
    table_class = WorkTable
    filterset_class = WorkFilterSet
    permission_required = "wakeup.view_outage"
    title = _l("Work list")
    description = _l(
        "Single concentrators that are silent, the longest first. Those of incidents, of planned work and out of "
        "service are not here."
    )
    export_columns = OUTAGE_COLUMNS

    def get_queryset(self) -> QuerySet[Any]:
        silent = single_silent(outages_to_show(self.request.user), now_of(self.request))
        return silent.select_related("concentrator__total", "company")


class IncidentPage(PermissionRequiredMixin, ListPage):  # type: ignore[misc]
    """What happened, where and since when, what speaks for it, and its concentrators, of which some can be split off.

    All but the list of concentrators refreshes itself: what somebody chooses there, or scrolls to, stays.
    """

    model = Outage
    table_class = MemberTable
    filterset_class = MemberFilterSet
    permission_required = VIEW
    template_name = "incidents/page.html"
    export_columns = OUTAGE_COLUMNS

    @cached_property
    def incident(self) -> Incident:
        return incident_for(self.request.user, self.kwargs["pk"])

    @property
    def title(self) -> str:
        return title_of(self.incident)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The list, asked for with what is selected, which no address could hold."""
        answer: HttpResponseBase = self.get(request, *args, **kwargs)
        return answer

    def get_queryset(self) -> QuerySet[Any]:
        return Outage.objects.filter(incident=self.incident).select_related("concentrator", "company")

    def get_template_names(self) -> list[str]:
        is_list = self.request.htmx and self.request.htmx.target == "list"
        return ["concentrators/choose_table.html" if is_list else self.template_name]

    def get_filterset_kwargs(self, filterset_class: Any) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_filterset_kwargs(filterset_class)
        return kwargs | {"data": self.request.GET}  # without any filter, too: “select all” repeats what it says

    def get_table(self) -> ListTable:
        form = MemberChoiceForm(self.request.POST)
        selected = form.chosen_of(self.get_queryset()) if form.is_valid() else Outage.objects.none()
        if only_selected(self.request):
            self.object_list = selected
        table = super().get_table()
        table.selected = selected
        table.search = urlencode(self.filterset.form.cleaned_data)
        if self.incident.merged_into_id is not None:
            table.empty_text = _("It is a part of another incident, which has its concentrators.")
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        one, names = self.incident, sees_all(self.request.user)
        context: dict[str, Any] = super().get_context_data(
            **kwargs,
            incident=one,
            now=now_of(self.request),
            badge=badge(state_of(one)),
            evidence=findings_in_words(one.evidence, with_names=names, labels=_LABELS),
            against=findings_in_words(one.against, with_names=names, labels=_LABELS),
            notes=timeline_of(one),
            changes=changes_of(one),
        )
        return context
