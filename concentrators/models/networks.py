"""The networks from which messages of a concentrator or a company are expected (SEC-1)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from smmeplus.common.networks import NetworkError, read_networks

MAX_TEXT = 200  # characters: ten networks and more


def tidy_networks(text: str) -> str:
    """``text`` as it is stored, with one blank between networks. Raises ValidationError, which names what is none."""
    try:
        return " ".join(map(str, read_networks(text.replace(",", " ").split())))
    except NetworkError as error:
        raise ValidationError(_("“%s” is no network such as 10.60.0.0/16.") % error) from None


class NetworksFormField(forms.CharField):
    def to_python(self, value: Any) -> str:
        return tidy_networks(super().to_python(value) or "")


class NetworksField(models.CharField[str, str]):
    """Addresses and networks as operators write them; migrations know it as the CharField that it is."""

    def __init__(self, **kwargs: Any) -> None:
        usual = {
            "verbose_name": _l("expected networks"),
            "max_length": MAX_TEXT,
            "blank": True,
            "default": "",
            "db_default": "",  # for processes of the version before
            "help_text": _l("From where messages are expected, such as 10.60.0.0/16 10.61.7.8. Empty: from anywhere."),
        }
        super().__init__(**usual | kwargs)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def clean(self, value: Any, model_instance: models.Model | None) -> str:
        return tidy_networks(super().clean(value, model_instance))

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": NetworksFormField, **kwargs})
