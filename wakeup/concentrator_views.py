"""The page of one concentrator (CON-6)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import DetailView, UpdateView

from concentrators.models import Concentrator
from profiles.models import SystemSettings
from smmeplus.audit import changes_of
from smmeplus.dialogs import DialogMixin
from wakeup.concentrator_facts import concentrators_to_show, last_messages, zone_of_days
from wakeup.concentrator_forms import ConcentratorForm
from wakeup.expectation import Expectation
from wakeup.heat_map import HourMap


class OneConcentrator:
    """For generic views: the concentrator of the address; who may not see it learns nothing of it (ACC-1)."""

    request: HttpRequest
    kwargs: dict[str, Any]
    slug_field = slug_url_kwarg = "serial_number"

    def get_queryset(self) -> QuerySet[Concentrator]:
        if "\0" in self.kwargs["serial_number"]:  # which PostgreSQL refuses
            raise Http404
        return concentrators_to_show(self.request.user)


class ConcentratorPage(OneConcentrator, DetailView[Concentrator]):
    """Its facts, its wake-ups, its last messages and who changed what."""

    template_name = "wakeup/concentrator.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        one, settings, now = self.object, SystemSettings.current(), timezone.now()
        zone = zone_of_days(one.company, settings)
        return super().get_context_data(
            **kwargs,
            title=one.serial_number,
            system_settings=settings,
            now=now,
            total=getattr(one, "total", None),
            hours=HourMap.of(one.pk, zone, Expectation.of(one), now),
            shown_messages=last_messages(one),
            changes=changes_of(one),
        )


class ChangeConcentrator(
    OneConcentrator, DialogMixin, PermissionRequiredMixin, UpdateView[Concentrator, ConcentratorForm]
):
    """The dialog that changes its facts."""

    form_class = ConcentratorForm
    template_name = "wakeup/concentrator_dialog.html"
    permission_required = "concentrators.change_concentrator"
    dialog_title = _l("Change concentrator")
    submit_label = _l("Save")

    def form_valid(self, form: ConcentratorForm) -> HttpResponse:
        one = form.save()
        done = _("Concentrator %(serial)s was changed.") % {"serial": one}
        return self.leave(reverse("concentrator:page", args=[one.serial_number]), done)
