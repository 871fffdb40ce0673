"""The buttons of a concentrator's configuration (CFG-2, CFG-3)."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import gettext_noop
from django.views.generic import FormView

from concentrators.keys.encryption import NoKeyError
from concentrators.keys.passwords import set_password
from concentrators.models import Concentrator, Configuration
from concentrators.procedures.bulk import BulkChange
from concentrators.procedures.configurations import try_again
from concentrators.procedures.trying_again import NEW_TRY
from smmeplus.common.dialogs import DialogMixin
from smmeplus.common.request import now_of, user_of
from wakeup.monitoring.concentrator.forms import PasswordForm
from wakeup.monitoring.concentrator.views import ConcentratorAction, OneConcentratorMixin


class TryAgain(ConcentratorAction):
    """Makes the configuration due at once, whatever its back-off; one that is written is written again."""

    permission_required = "concentrators.change_concentrator"

    def act(self, one: Concentrator, user: User, now: datetime) -> str:
        with transaction.atomic():
            if not try_again(Configuration.objects.filter(concentrator=one), now):
                raise ValidationError(_("%(serial)s is being written, or nothing is to be written.") % {"serial": one})
            _note(one, NEW_TRY, user, now)
        return _("The configuration of %(serial)s is due now.") % {"serial": one}


class SetPassword(OneConcentratorMixin, DialogMixin, PermissionRequiredMixin, FormView[PasswordForm]):
    form_class = PasswordForm
    template_name = "wakeup/concentrator_password.html"
    permission_required = "concentrators.change_concentrator"
    dialog_title = _l("Management password")
    submit_label = _l("Save")

    @cached_property
    def concentrator(self) -> Concentrator:
        return get_object_or_404(self.get_queryset(), serial_number=self.kwargs["serial_number"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, object=self.concentrator)

    def form_valid(self, form: PasswordForm) -> HttpResponse:
        one = self.concentrator
        try:
            with transaction.atomic():
                set_password(one, form.cleaned_data["password"])
                _note(one, gettext_noop("management password"), user_of(self.request), now_of(self.request))
        except NoKeyError as error:
            form.add_error("password", str(error))
            return self.form_invalid(form)
        done = _("The management password of %(serial)s was changed.") % {"serial": one}
        return self.leave(reverse("concentrator:page", args=[one.serial_number]), done)


def _note(one: Concentrator, word: str, user: User, now: datetime) -> None:
    """A row in the history of ``one``, which says who did it and never what a password is."""
    BulkChange(word, user=user, now=now).record(Concentrator.objects.filter(pk=one.pk))
