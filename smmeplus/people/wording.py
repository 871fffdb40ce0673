"""What has changed of a user, from what to what, as the history in the admin site tells it (ACC-3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db.models import Model, QuerySet

NOTHING = "none"


def changes_of(form: forms.ModelForm[Any]) -> Iterator[str]:
    """``roles: Viewer → Operator`` for each field that was changed; of a password only that it was."""
    for name in form.changed_data:
        if name == "password":  # of two fields of their own on its own page
            yield str(User._meta.get_field("password").verbose_name)
        else:
            label = str(form.fields[name].label).lower()
            yield f"{label}: {_shown(form.initial.get(name))} → {_shown(form.cleaned_data.get(name))}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, QuerySet)):
        return ", ".join(sorted(str(one) for one in value if isinstance(one, Model))) or NOTHING
    return str(value) if value not in (None, "") else NOTHING
