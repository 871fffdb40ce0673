"""What an operator chose on a page of two tables, checked (CON-2…4)."""

from __future__ import annotations

from functools import cached_property, partial
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.finding import Types, matching
from concentrators.models import Company, Concentrator
from profiles.models import ProcedureProfile, SpontaneousProfile
from smmeplus.common.choosing import KeysField, SelectionForm


class ProcedureChoiceForm(forms.Form):
    """How something in ``company`` is carried out: by a procedure profile, or by the default one (PRC-1)."""

    procedure = forms.ModelChoiceField(
        ProcedureProfile.objects.none(),
        required=False,
        error_messages={"invalid_choice": _l("The procedure profile has been deleted meanwhile; choose another one.")},
    )

    def __init__(self, data: Any, *, company: Company | None) -> None:
        super().__init__(data)
        procedure: Any = self.fields["procedure"]
        procedure.queryset = ProcedureProfile.objects.usable_by(company)


class ConcentratorsForm(SelectionForm):
    """The concentrators chosen one by one, and all that match one of several searches (CON-3).

    ``since`` is when the operator began to choose.
    """

    key_field = "concentrator"
    nothing_chosen = _l("Select at least one concentrator.")

    concentrator = KeysField()
    since = forms.DateTimeField(required=False)

    @cached_property
    def types(self) -> Types:
        return Types()

    def chosen_of(self, concentrators: QuerySet[Concentrator]) -> QuerySet[Concentrator]:
        """Those of ``concentrators`` that are chosen. Whatever is posted, no other is. The searches are made now."""
        return self.selection().of(concentrators, partial(matching, types=self.types))


class ChoiceForm(ConcentratorsForm, ProcedureChoiceForm):
    """What a page of two tables posts: concentrators, a profile if one is needed, and how it is carried out."""

    profile = forms.ModelChoiceField(
        SpontaneousProfile.objects.none(),
        required=False,
        error_messages={"invalid_choice": _l("The profile has been deleted meanwhile; select another one.")},
    )

    def __init__(self, data: Any, *, company: Company | None, needs_profile: bool) -> None:
        super().__init__(data, company=company)
        profile: Any = self.fields["profile"]
        profile.queryset = SpontaneousProfile.objects.usable_by(company)
        if not needs_profile:
            del self.fields["profile"]

    def clean(self) -> dict[str, Any]:
        if "profile" in self.fields and not self.cleaned_data.get("profile") and not self.has_error("profile"):
            self.add_error("profile", _("Select exactly one spontaneous profile."))
        return super().clean()
