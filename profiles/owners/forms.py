from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from profiles.owners import companies_among


class OwnedForm(forms.ModelForm[Any]):
    """A new profile is for one of ``owners``, which are companies, and None for all; the field is shown for a choice.

    Without ``owners`` the profile exists, and stays whose it is.
    """

    company: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        None, label=_l("Company"), empty_label=_l("All companies")
    )

    def __init__(self, *args: Any, owners: Sequence[Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owners = owners
        if owners is None or len(owners) < 2:
            del self.fields["company"]
        else:
            self._offer(owners)

    def _offer(self, owners: Sequence[Any]) -> None:
        field: Any = self.fields["company"]
        field.queryset = companies_among(owners)
        field.required = None not in owners
        if field.required:
            field.empty_label = "---------"
        if self.initial.get("company") not in owners:
            self.initial.pop("company", None)

    def _post_clean(self) -> None:
        """Says whose the profile is before its name is compared with others."""
        if self.owners is not None:
            only = self.owners[0] if len(self.owners) == 1 else None
            self.instance.company = self.cleaned_data.get("company", only)
        super()._post_clean()  # type: ignore[misc] # the stubs lack it

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.owners is not None and not self.owners:
            raise ValidationError(
                _("A profile belongs to a company, and you are in none yet. An administrator adds you.")
            )
        return cleaned
