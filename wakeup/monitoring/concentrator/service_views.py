"""Takes a concentrator out of service and puts it back (STA-1)."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import FormView, View
from smmeplus.common.users import user_of

from concentrators.models import Concentrator, OutOfService
from concentrators.procedures.out_of_service import OutOfServiceError, end_early
from smmeplus.common.dialogs import DialogMixin
from smmeplus.common.request import user_of
from wakeup.monitoring.concentrator.forms import OutOfServiceForm
from wakeup.monitoring.concentrator.views import OneConcentrator


class SetOutOfService(OneConcentrator, DialogMixin, PermissionRequiredMixin, FormView[OutOfServiceForm]):
    """The dialog that takes it out of service, at once or later, until a time."""

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
            form.save(user=user_of(self.request), now=timezone.now())
        except OutOfServiceError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        done = _("Concentrator %(serial)s is set out of service.") % {"serial": self.concentrator}
        return self.leave(reverse("concentrator:page", args=[self.concentrator.serial_number]), done)


class BackInService(OneConcentrator, PermissionRequiredMixin, View):
    """Ends the time out of service that the button names, or the present one, and calls off a planned one."""

    permission_required = "concentrators.change_outofservice"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, serial_number: str) -> HttpResponse:
        one = get_object_or_404(self.get_queryset(), serial_number=serial_number)
        try:
            end_early(self._meant(one), user=user_of(request), now=timezone.now())
        except OutOfServiceError as error:
            messages.warning(request, error.message)
        else:
            messages.success(request, _("The time out of service of %(serial)s was ended.") % {"serial": one})
        return HttpResponseRedirect(reverse("concentrator:page", args=[one.serial_number]))

    def _meant(self, one: Concentrator) -> OutOfService:
        named = self.request.POST.get("out")
        if named is not None:
            return _named(one, named)
        return _present(one, timezone.now())


def _present(one: Concentrator, now: datetime) -> OutOfService:
    found = one.outs_of_service.filter(begin__lte=now, end__gt=now).order_by("end").last()
    if found is None:
        raise OutOfServiceError(_("%(serial)s is in service already.") % {"serial": one})
    return found


def _named(one: Concentrator, key: str) -> OutOfService:
    """That of ``one`` with ``key``, which may be any text."""
    found = next((out for out in one.outs_of_service.all() if str(out.pk) == key), None)
    if found is None:
        raise Http404
    return found
