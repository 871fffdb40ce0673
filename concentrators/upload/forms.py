from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Company
from smmeplus.common.forms import StyledForm


class UploadForm(StyledForm, forms.Form):
    company = forms.ModelChoiceField(Company.objects.none(), label=_l("Company"), empty_label=None)
    file = forms.FileField(
        label=_l("Installation file"),
        help_text=_l("CSV or XLSX; nothing is written before you have seen what it would do."),
        widget=forms.FileInput({"accept": ".csv,.txt,.xlsx"}),
        error_messages={"required": _l("Choose a file."), "empty": _l("The file is empty.")},
    )
    mandatory = ("company", "file")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["company"].queryset = Company.objects.visible_to(user)  # type: ignore[attr-defined]
