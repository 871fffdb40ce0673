"""The dialogs of a concentrator's keys of ciphered messages (SEC-3)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView

from concentrators.keys.encryption import NoKeyError
from concentrators.keys.forms import KeysForm, suggested_title
from concentrators.keys.rights import SETS_KEYS
from concentrators.keys.storing import remove_keys, set_ciphered_only
from concentrators.models import Concentrator, DeviceKeys
from smmeplus.common.dialogs import DialogMixin
from smmeplus.common.request import now_of, user_of
from wakeup.models import StrayFrame, StrayReason
from wakeup.monitoring.concentrator.views import OneConcentratorMixin


class KeysDialog(OneConcentratorMixin, DialogMixin, PermissionRequiredMixin):
    """For the dialogs of the keys of the concentrator in the address."""

    @cached_property
    def concentrator(self) -> Concentrator:
        return get_object_or_404(self.get_queryset(), serial_number=self.kwargs["serial_number"])

    @property
    def stored(self) -> DeviceKeys | None:
        return getattr(self.concentrator, "device_keys", None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, object=self.concentrator, row=self.stored)

    def left(self, said: str) -> HttpResponse:
        one = self.concentrator
        return self.leave(reverse("concentrator:page", args=[one.serial_number]), said % {"serial": one})


class SetKeys(KeysDialog, FormView[KeysForm]):
    form_class = KeysForm
    template_name = "wakeup/concentrator_set_keys.html"
    permission_required = SETS_KEYS
    dialog_title = _l("Keys of ciphered messages")
    submit_label = _l("Save")

    @method_decorator(sensitive_post_parameters("unicast_key", "authentication_key"))
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"concentrator": self.concentrator, "stored": self.stored}

    def get_initial(self) -> dict[str, Any]:
        title = self.stored.system_title if self.stored else suggested_title(self.concentrator, self._heard())
        return {"system_title": title}

    def form_valid(self, form: KeysForm) -> HttpResponse:
        try:
            is_changed = form.save(user=user_of(self.request), now=now_of(self.request))
        except (NoKeyError, ValidationError) as error:
            form.add_error(None, error if isinstance(error, ValidationError) else str(error))
            return self.form_invalid(form)
        return self.left(_("The keys of %(serial)s were stored.") if is_changed else _("%(serial)s has these already."))

    def _heard(self) -> str | None:
        """The system title of what came ciphered last from the address of the concentrator, and was not understood."""
        one = self.concentrator
        total = getattr(one, "total", None)
        addresses = {one.management_ip, total and total.source_ip} - {None}
        strays = StrayFrame.objects.filter(reason=StrayReason.CIPHERED, source_ip__in=addresses)
        return strays.order_by("-last_at").values_list("sender", flat=True).first()


class RemoveKeys(KeysDialog, TemplateView):
    """A GET asks, and a POST removes them."""

    template_name = "wakeup/concentrator_remove_keys.html"
    permission_required = "concentrators.delete_devicekeys"
    dialog_title = submit_label = _l("Remove the keys")
    submit_class = "btn-danger"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.stored is None:
            raise Http404
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        if not remove_keys(self.concentrator, user=user_of(request), now=now_of(request)):
            raise Http404
        return self.left(_("The keys of %(serial)s were removed."))


class CipheredOnly(KeysDialog, TemplateView):
    """A GET asks whether to turn it on, or off if it is on; a POST does what its field ``to`` says."""

    template_name = "wakeup/concentrator_ciphered_only.html"
    permission_required = "concentrators.change_devicekeys"
    dialog_title = _l("Ciphered only")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.stored is None:
            raise Http404
        self.submit_label = _("Turn off") if self.stored.ciphered_only else _("Turn on")
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        to_on = request.POST.get("to") == "on"
        if self.stored is None or request.POST.get("to") not in ("on", "off"):
            raise Http404
        set_ciphered_only(self.concentrator, to_on, user=user_of(request), now=now_of(request))
        return self.left(
            _("Only ciphered messages of %(serial)s are taken from now on.")
            if to_on
            else _("Messages of %(serial)s are taken whether they are ciphered or not.")
        )
