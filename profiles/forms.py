"""The dialog "Add concentrator spontaneous" and similar ones (PRO-1…6)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from profiles.models import SpontaneousProfile, SystemSettings
from profiles.names import clean_profile_name
from profiles.owners.forms import OwnedForm
from smmeplus.common.forms import StyledForm
from smmeplus.common.stale.forms import UnchangedForm


class ProfileNameField(forms.CharField):
    """A profile's name. The rule for names reports all errors at once, so there is no maximum length here."""

    default_error_messages = {"required": _l("Type a name.")}

    def clean(self, value: Any) -> str:
        return clean_profile_name(super().clean(value))


class ProfileForm(StyledForm, UnchangedForm, OwnedForm):
    """A profile's fields in the order of the reference system.

    IP address and port come from ``settings`` and are only shown: posted values are ignored (PRO-2). An existing
    profile keeps those that it was created with.
    """

    name = ProfileNameField(label=_l("Name"))
    wakeup_ip = forms.CharField(label=_l("Spontaneous messages IP address"), disabled=True, required=False)
    wakeup_port = forms.IntegerField(label=_l("Wakeup port"), disabled=True, required=False)

    class Meta:
        model = SpontaneousProfile
        fields = ["name", *SpontaneousProfile.PARAMETERS]
        labels = {
            "wakeup_enabled": _l("Wakeup enabled"),
            "wakeup_period": _l("Wakeup period min"),
            "last_gasp_enabled": _l("Last Gasp enabled"),
            "last_gasp_ip": _l("Last Gasp IP"),
        }
        error_messages = {
            "wakeup_period": {"invalid_choice": _l("“%(value)s” is not a period: choose one of the list.")},
        }

    field_order = ["name", "company", "wakeup_ip", "wakeup_enabled", "wakeup_port", "wakeup_period"]
    mandatory = ("name", "wakeup_ip", "wakeup_port", "wakeup_period")  # marked with *

    def __init__(self, *args: Any, settings: SystemSettings, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.settings = settings
        if self.instance._state.adding:
            self.instance.wakeup_ip = settings.wakeup_ip or ""
            self.instance.wakeup_port = settings.wakeup_port
        self.initial.update(wakeup_ip=self.instance.wakeup_ip, wakeup_port=self.instance.wakeup_port)
        self._prepare_last_gasp()
        for name in self.mandatory:
            self.fields[name].widget.attrs["aria-required"] = "true"
        self.fields["wakeup_enabled"].widget.attrs["data-makes-mandatory"] = "wakeup_period"  # static/forms.js

    @property
    def can_be_submitted(self) -> bool:
        """Whether there is an address to write into concentrators (SET-2)."""
        return bool(self.instance.wakeup_ip)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.can_be_submitted:
            raise ValidationError(_("The wake-up IP address is not configured. An administrator sets it."))
        if cleaned.get("wakeup_enabled") and not cleaned.get("wakeup_period") and "wakeup_period" not in self.errors:
            self.add_error("wakeup_period", _("Choose a period: it is mandatory while wake-up is enabled."))
        if cleaned.get("last_gasp_enabled") and not cleaned.get("last_gasp_ip") and "last_gasp_ip" not in self.errors:
            self.add_error("last_gasp_ip", _("Type an IP address: it is mandatory while last gasp is enabled."))
        return cleaned

    def _prepare_last_gasp(self) -> None:
        if not self.settings.last_gasp_configurable and not self.instance.last_gasp_enabled:
            del self.fields["last_gasp_enabled"], self.fields["last_gasp_ip"]
        elif self.instance._state.adding:
            self.initial.setdefault("last_gasp_ip", self.settings.last_gasp_ip)


class RenameForm(StyledForm, UnchangedForm):
    """Only the name may change while concentrators use the profile (PRO-6)."""

    name = ProfileNameField(label=_l("Name"))
    mandatory = ("name",)
    can_be_submitted = True

    class Meta:
        model = SpontaneousProfile
        fields = ["name"]
