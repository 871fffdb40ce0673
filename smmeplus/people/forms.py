"""The page of a user in the admin site: role and companies beside the account (ACC-1)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Company
from smmeplus.common.stale.admin import UnchangedAdminForm


class UserForm(UnchangedAdminForm, UserChangeForm[User]):
    companies = forms.ModelMultipleChoiceField(
        label=_l("Companies"),
        queryset=Company.objects.none(),
        required=False,
        widget=FilteredSelectMultiple(_l("companies"), is_stacked=False),
        help_text=_l("Whose concentrators and reports they see."),
    )

    end_sessions = forms.BooleanField(
        label=_l("End all sessions"), required=False, help_text=_l("Wherever they are signed in, they sign in again.")
    )
    reset_second_factor = forms.BooleanField(
        label=_l("Take the second factor away"),
        required=False,
        help_text=_l("When their phone is lost. Make sure that it is they who ask for it. Their sessions end."),
    )

    class Meta(UserChangeForm.Meta):
        model = User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "companies" in self.fields and self.instance.pk:
            self.initial["companies"] = list(self.instance.companies.all())

    def _names(self) -> list[str]:
        return [*super()._names(), *(["companies"] if "companies" in self.fields else [])]

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc] # of a form of a model, where the stubs do not know it
        if "companies" in self.changed_data:
            self.instance.companies.set(self.cleaned_data["companies"])
