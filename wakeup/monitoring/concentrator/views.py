"""The page of one concentrator (CON-6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import DetailView, UpdateView, View

from concentrators.keys.shown import ShownKeys, with_keys_changes
from concentrators.meters.pages.summary import ShownMeters
from concentrators.models import Concentrator
from concentrators.procedures.actions import make_available
from concentrators.procedures.links import with_link_to_installation
from concentrators.procedures.planned import planned_for
from profiles.requests import settings_of
from smmeplus.common.audit import changes_of
from smmeplus.common.dialogs import DialogMixin
from smmeplus.common.request import now_of, user_of
from smmeplus.common.stale.refusing import StaleError
from wakeup.models.zones import zone_in_force
from wakeup.monitoring.concentrator.configuration import ShownConfiguration
from wakeup.monitoring.concentrator.facts import (
    concentrators_to_show,
    last_messages,
    messages_not_taken,
    out_at,
    outs_of_service,
    surplus_since,
)
from wakeup.monitoring.concentrator.findings import Findings
from wakeup.monitoring.concentrator.forms import ConcentratorForm
from wakeup.monitoring.concentrator.hours_map import HourMap, bounds_of_days
from wakeup.monitoring.concentrator.outages import last_outages
from wakeup.monitoring.concentrator.power_log import ShownPowerLog
from wakeup.monitoring.concentrator.status import ShownStatus, latest_changes, shown_outs
from wakeup.monitoring.concentrator.status_timeline import MOST_CHANGES, StatusTimeline
from wakeup.monitoring.expected.hours import hours_between, wakeups_by_quarter
from wakeup.monitoring.expected.loading import expectations
from wakeup.monitoring.status.rules import Timing


class OneConcentratorMixin:
    """For generic views: the concentrator of the address; not found for users who may not see it (ACC-1)."""

    request: HttpRequest
    kwargs: dict[str, Any]
    slug_field = slug_url_kwarg = "serial_number"

    def get_queryset(self) -> QuerySet[Concentrator]:
        if "\0" in self.kwargs["serial_number"]:  # which PostgreSQL refuses
            raise Http404
        return concentrators_to_show(self.request.user)


class ConcentratorPage(OneConcentratorMixin, DetailView[Concentrator]):
    template_name = "wakeup/concentrator.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        one, settings, now = self.object, settings_of(self.request), now_of(self.request)
        zone = zone_in_force(one.company, settings)
        days = bounds_of_days(zone, now)
        expectation = expectations(one.assignments.all(), one.outs_of_service.all())[one.pk]
        wakeups = wakeups_by_quarter(one.pk, *days)
        outs = outs_of_service(one)
        status = ShownStatus.of(one, outs, now, Timing.of_page(settings))
        status_changes = list(one.status_changes.order_by("-at", "-pk")[:MOST_CHANGES])
        return super().get_context_data(
            **kwargs,
            title=f"{status.status.label if status else one.get_state_display()} · {one.serial_number}",
            now=now,
            total=getattr(one, "total", None),
            status=status,
            present_out=out_at(outs, now),
            configuration=ShownConfiguration.of(one, settings),
            power_log=ShownPowerLog.of(one),
            meters=ShownMeters.of(one),
            findings=Findings.of(one, self.request.user),
            outs=shown_outs(outs, now),
            planned=planned_for(one, now),
            timeline=StatusTimeline.of(status_changes, status, days[0], now, zone),
            status_changes=latest_changes(status_changes),
            outages=last_outages(one, now),
            strays=messages_not_taken(one, self.request.user),
            hours=HourMap(hours_between(*days, zone, wakeups), zone, expectation, now),
            shown_messages=last_messages(one),
            surplus=surplus_since(one, days[0]),
            keys=ShownKeys.of(one, self.request.user),
            changes=with_keys_changes(changes_of(one), one, self.request.user),
        )


class ChangeConcentrator(
    OneConcentratorMixin, DialogMixin, PermissionRequiredMixin, UpdateView[Concentrator, ConcentratorForm]
):
    form_class = ConcentratorForm
    template_name = "wakeup/concentrator_dialog.html"
    permission_required = "concentrators.change_concentrator"
    dialog_title = _l("Change concentrator")
    submit_label = _l("Save")

    def form_valid(self, form: ConcentratorForm) -> HttpResponse:
        try:
            one = form.save()
        except StaleError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        done = _("Concentrator %(serial)s was changed.") % {"serial": one}
        return self.leave(reverse("concentrator:page", args=[one.serial_number]), done)


class ConcentratorAction(OneConcentratorMixin, PermissionRequiredMixin, View):
    """A button on the page of a concentrator: does what it says, and shows the page again with what came of it."""

    http_method_names = ["post"]

    def act(self, one: Concentrator, user: User, now: datetime) -> str:
        """Do it and return what to say. Raises ValidationError if it is refused."""
        raise NotImplementedError

    def post(self, request: HttpRequest, serial_number: str) -> HttpResponse:
        one = get_object_or_404(self.get_queryset(), serial_number=serial_number)
        try:
            messages.success(request, self.act(one, user_of(request), now_of(request)))
        except ValidationError as refusal:
            messages.warning(request, refusal.message)
        return HttpResponseRedirect(reverse("concentrator:page", args=[one.serial_number]))


class MakeAvailable(ConcentratorAction):
    permission_required = "concentrators.change_concentrator"

    def act(self, one: Concentrator, user: User, now: datetime) -> str:
        make_available(Concentrator.objects.filter(pk=one.pk), user=user, now=now)
        said = _("Concentrator %(serial)s is available and can be installed.") % {"serial": one}
        return with_link_to_installation(said, one)
