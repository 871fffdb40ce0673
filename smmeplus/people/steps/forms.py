from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from smmeplus.common.forms import StyledForm

#: Long enough for a recovery code with blanks between its letters.
_LONGEST = 40


class CodeForm(StyledForm, forms.Form):
    one_time_code = forms.CharField(
        label=_l("Code"),
        max_length=_LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )


class NewPasswordForm(StyledForm, SetPasswordForm):  # type: ignore[type-arg] # it takes none when it runs
    def clean(self) -> dict[str, Any]:
        """The one that somebody else chose does not stay."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.user.check_password(cleaned.get("new_password1") or ""):
            raise ValidationError(_("This is the password that you were given: choose one of your own."))
        return cleaned
