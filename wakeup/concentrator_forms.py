"""The dialog that changes a concentrator's facts (CON-6)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction

from concentrators.installation import locked
from concentrators.models import Concentrator
from smmeplus.forms import StyledForm


class ConcentratorForm(StyledForm, forms.ModelForm[Concentrator]):
    """The facts that an operator may change. State and profile change by installation, modification and removal.

    What the operator saw travels with the form: a field that he left alone keeps what somebody else has written
    into it meanwhile.
    """

    mandatory = ("type", "management_port", "customers")  # marked with *

    class Meta:
        model = Concentrator
        fields = ["type", "manufacturer", "management_ip", "management_port", "substation", "feeder", "customers"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.show_hidden_initial = not self.is_bound or self.add_initial_prefix(name) in self.data

    def save(self, commit: bool = True) -> Concentrator:  # noqa: ARG002 - it always does
        """Store the fields that the operator changed, and nothing else; return the concentrator as it is then.

        History copies the whole row, so the row is read again under a lock: what an installation has just
        changed must not look undone.
        """
        with transaction.atomic():
            stored: Concentrator = locked(Concentrator.objects.filter(pk=self.instance.pk)).get()
            changed = [name for name in self.changed_data if getattr(stored, name) != self.cleaned_data[name]]
            for name in changed:
                setattr(stored, name, self.cleaned_data[name])
            if changed:
                stored.save(update_fields=changed)
        return stored
