"""What an operator chose on a page of two tables, checked (CON-2…4)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.finding import matching
from concentrators.models import Concentrator
from profiles.models import ProcedureProfile, SpontaneousProfile

MAX_KEY_DIGITS = 18  # more may not fit into a key's 64 bits


class ProcedureChoiceForm(forms.Form):
    """How it is carried out: by a procedure profile, or by the default one (PRC-1)."""

    procedure = forms.ModelChoiceField(
        ProcedureProfile.objects.all(),
        required=False,
        error_messages={"invalid_choice": _l("The procedure profile has been deleted meanwhile; choose another one.")},
    )


class ChoiceForm(ProcedureChoiceForm):
    """The concentrators chosen one by one, or all that match a search; and a profile if one is needed.

    Whatever is posted, nothing outside ``offered``, which the page lists, can be chosen.
    """

    concentrator = forms.TypedMultipleChoiceField(coerce=int, required=False)
    all = forms.CharField(required=False, strip=False)
    profile = forms.ModelChoiceField(
        SpontaneousProfile.objects.all(),
        required=False,
        error_messages={"invalid_choice": _l("The profile has been deleted meanwhile; select another one.")},
    )

    def __init__(self, data: Any, *, offered: QuerySet[Concentrator], needs_profile: bool) -> None:
        super().__init__(data)
        self.offered = offered
        if not needs_profile:
            del self.fields["profile"]
        self.fields["concentrator"].valid_value = _may_be_key  # type: ignore[attr-defined] # `offered` decides

    def clean(self) -> dict[str, Any]:
        if "profile" in self.fields and not self.cleaned_data.get("profile") and not self.has_error("profile"):
            self.add_error("profile", _("Select exactly one spontaneous profile."))
        if "all" not in self.data and not self.cleaned_data.get("concentrator") and not self.has_error("concentrator"):
            raise ValidationError(_("Select at least one concentrator."))
        return self.cleaned_data

    def chosen(self) -> QuerySet[Concentrator]:
        """The chosen concentrators. A search is run again now (CON-3)."""
        if "all" in self.data:
            return matching(self.offered, self.cleaned_data["all"])
        return self.offered.filter(pk__in=self.cleaned_data["concentrator"])


def _may_be_key(value: str) -> bool:
    return value.isdecimal() and len(value) <= MAX_KEY_DIGITS
