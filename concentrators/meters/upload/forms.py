from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Company
from smmeplus.common.forms import StyledForm


class MeterUploadForm(StyledForm, forms.Form):
    company = forms.ModelChoiceField(Company.objects.none(), label=_l("Company"), empty_label=None)
    file = forms.FileField(
        label=_l("File"),
        help_text=_l("A concentrator's report, CSV or XLSX; nothing is written before you have seen what it would do."),
        error_messages={"required": _l("Choose a file."), "empty": _l("The file is empty.")},
    )
    whole = forms.BooleanField(
        label=_l("It has all meters"),
        required=False,
        help_text=_l("Meters that are missing in a CSV or XLSX file are gone. A report S24 always has all meters."),
    )
    mandatory = ("company", "file")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["company"].queryset = Company.objects.visible_to(user)  # type: ignore[attr-defined]
