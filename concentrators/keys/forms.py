"""The dialogs of a concentrator's keys (SEC-3). No key is ever sent to the browser, not even one just typed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.keys.rules import key_of, refuse_alike, system_title_of
from concentrators.keys.storing import set_keys, set_title
from concentrators.models import Concentrator, DeviceKeys
from smmeplus.common.forms import StyledForm

MOST_TYPED = 200  # characters: a key with any blanks


class _KeyField(forms.CharField):
    def __init__(self, label: Any) -> None:
        widget = forms.PasswordInput({"autocomplete": "new-password", "spellcheck": "false"})
        super().__init__(label=label, required=False, strip=False, max_length=MOST_TYPED, widget=widget)

    def to_python(self, value: Any) -> Any:
        """The bytes of the key; None for an empty field."""
        text = super().to_python(value)
        return key_of(text) if text and text.strip() else None

    def run_validators(self, value: Any) -> None:
        """What is too long is no key, and has been refused."""


class KeysForm(StyledForm, forms.Form):
    """System title and both keys of ``concentrator``. One that has keys keeps them if both are left empty."""

    mandatory: tuple[str, ...] = ("system_title", "unicast_key", "authentication_key")  # marked with *

    system_title = forms.CharField(
        label=_l("System title"),
        max_length=MOST_TYPED,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    unicast_key = _KeyField(_l("Unicast key"))
    authentication_key = _KeyField(_l("Authentication key"))

    def __init__(self, *args: Any, concentrator: Concentrator, stored: DeviceKeys | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.concentrator, self.stored = concentrator, stored
        said = _("32 hexadecimal digits; blanks do not matter.")
        if stored:
            self.mandatory = ("system_title",)
            said = _("32 hexadecimal digits; blanks do not matter. Leave both keys empty to keep them.")
        self.fields["system_title"].help_text = _("16 hexadecimal digits.")
        for name in ("unicast_key", "authentication_key"):
            self.fields[name].help_text = said

    def clean_system_title(self) -> str:
        return system_title_of(self.cleaned_data["system_title"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        unicast, authentication = data["unicast_key"], data["authentication_key"]
        if not unicast and not authentication and self.stored:
            return data
        for name in ("unicast_key", "authentication_key"):
            if not data[name]:
                self.add_error(name, _("Both keys are needed."))
        if unicast and authentication:
            refuse_alike(unicast, authentication)
        return data

    def save(self, *, user: User, now: datetime) -> bool:
        """Return whether anything changed. Raises NoKeyError, and ValidationError for what others have."""
        data = self.cleaned_data
        title, unicast, authentication = data["system_title"], data["unicast_key"], data["authentication_key"]
        if unicast is None:
            return set_title(self.concentrator, title, user=user, now=now)
        return set_keys(self.concentrator, title, unicast, authentication, user=user, now=now)


def suggested_title(concentrator: Concentrator, heard: str | None) -> str:
    """The title to begin with: the one ``heard`` from its address, else the serial number if it could be one."""
    for text in (heard, concentrator.serial_number):
        try:
            title = system_title_of(text or "")
        except ValidationError:
            continue
        if not DeviceKeys.objects.filter(system_title=title).exists():
            return title
    return ""
