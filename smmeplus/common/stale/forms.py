from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core import signing
from django.db.models import QuerySet
from simple_history.models import SIMPLE_HISTORY_REVERSE_ATTR_NAME

from smmeplus.common.stale.refusing import StaleError, refuse_if_stale, stored_text

_SALT = "smmeplus.stale"


class SeenField(forms.CharField):
    """What was stored when the form was opened, signed. Without it nothing is compared: nobody saw anything."""

    widget = forms.HiddenInput
    #: Takes the place of what was sent, after a refusal that says what is stored now.
    fresh = ""

    def __init__(self) -> None:
        super().__init__(required=False, label="")

    def bound_data(self, data: Any, initial: Any) -> Any:
        return self.fresh or super().bound_data(data, initial)

    def has_changed(self, _initial: Any, _data: Any) -> bool:
        return False

    def clean(self, value: Any) -> Mapping[str, str]:
        try:
            seen: dict[str, str] = signing.loads(value or "", salt=_SALT)
        except signing.BadSignature:
            return {}
        return seen


class UnchangedForm(forms.ModelForm[Any]):
    """A form for a model that knows what its user saw."""

    seen = SeenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = self._seal_stored  # when it is shown, with the fields that it has then

    def refuse_if_stale(self, stored: Any) -> None:
        """Raise StaleError, keyed by field, if ``stored``, which is locked, is not what the user saw."""
        try:
            refuse_if_stale(self, stored, self.cleaned_data.get("seen") or {}, self._names())
        except StaleError:
            self.fields["seen"].fresh = self._seal(stored)  # type: ignore[attr-defined] # a SeenField
            raise

    def _names(self) -> list[str]:
        """The fields of the model that the form can change."""
        known = {field.name for field in (*self._meta.model._meta.fields, *self._meta.model._meta.many_to_many)}
        return [name for name, field in self.fields.items() if name in known and not field.disabled]

    def _seal_stored(self) -> str:
        if not self.instance.pk:
            return ""
        # What was typed is in the instance of a bound form, and the page of a former state has that state.
        is_stored = not self.is_bound and not hasattr(self.instance, SIMPLE_HISTORY_REVERSE_ATTR_NAME)
        stored = self.instance if is_stored else QuerySet(self._meta.model).filter(pk=self.instance.pk).first()
        return self._seal(stored) if stored is not None else ""

    def _seal(self, stored: Any) -> str:
        return signing.dumps({name: stored_text(stored, name) for name in self._names()}, salt=_SALT, compress=True)
