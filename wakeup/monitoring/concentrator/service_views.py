"""Takes a concentrator out of service and puts it back (STA-1)."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.contrib.auth.models import User
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import FormView

from concentrators.models import Concentrator, OutOfService
from concentrators.procedures.out_of_service import OutOfServiceError, end_early
from smmeplus.common.dialogs import DialogMixin
from smmeplus.common.request import now_of, user_of
from wakeup.monitoring.concentrator.forms import OutOfServiceForm
from wakeup.monitoring.concentrator.views import ConcentratorAction, OneConcentratorMixin


class SetOutOfService(OneConcentratorMixin, DialogMixin, PermissionRequiredMixin, FormView[OutOfServiceForm]):
    form_class = OutOfServiceForm
    template_name = "wakeup/concentrator_out_of_service.html"
    permission_required = "concentrators.add_outofservice"
    dialog_title = _l("Out of service")
    submit_label = _l("Set out of service")

    @cached_property
    def concentrator(self) -> Concentrator:
        return get_object_or_404(self.get_queryset(), serial_number=self.kwargs["serial_number"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"concentrator": self.concentrator}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, object=self.concentrator)

    def form_valid(self, form: OutOfServiceForm) -> HttpResponse:
        try:
            form.save(user=user_of(self.request), now=now_of(self.request))
        except OutOfServiceError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        done = _("Concentrator %(serial)s is set out of service.") % {"serial": self.concentrator}
        return self.leave(reverse("concentrator:page", args=[self.concentrator.serial_number]), done)


class BackInService(ConcentratorAction):
    """Ends the time out of service that the button names, or the present one, and calls off a planned one."""

    permission_required = "concentrators.change_outofservice"

    def act(self, one: Concentrator, user: User, now: datetime) -> str:
        named = self.request.POST.get("out")
        end_early(_present(one, now) if named is None else _named(one, named), user=user, now=now)
        return _("The time out of service of %(serial)s was ended.") % {"serial": one}


def _present(one: Concentrator, now: datetime) -> OutOfService:
    found = one.outs_of_service.filter(begin__lte=now, end__gt=now).order_by("end").last()
    if found is None:
        raise OutOfServiceError(_("%(serial)s is in service already.") % {"serial": one})
    return found


def _named(one: Concentrator, key: str) -> OutOfService:
    """The one with ``key``, which may be any text. Raises Http404 if there is none."""
    found = next((out for out in one.outs_of_service.all() if str(out.pk) == key), None)
    if found is None:
        raise Http404
    return found
