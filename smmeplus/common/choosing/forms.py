"""A selection as it is posted: the same fields from every list to choose from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _

from smmeplus.common.choosing.selection import Selection

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

MOST_TICKED = 10_000  # more would take longer to post than to search
MOST_SEARCHES = 50  # all are joined in one statement
MAX_KEY_DIGITS = 18  # more may not fit into a key's 64 bits
_LEFT_OUT = re.compile(r"(?P<number>[0-9]{1,2}):(?P<key>[0-9]{1,18})")


class KeysField(forms.TypedMultipleChoiceField):
    """The keys of rows. Whatever is posted, the rows offered decide what can be chosen."""

    def __init__(self) -> None:
        super().__init__(coerce=int, required=False)

    def valid_value(self, value: Any) -> bool:
        return value.isdecimal() and len(value) <= MAX_KEY_DIGITS

    def validate(self, value: Any) -> None:
        _refuse_too_many(value)
        super().validate(value)


class SearchesField(forms.MultipleChoiceField):
    """Searches that are part of a selection, each a text."""

    def valid_value(self, value: Any) -> bool:
        ProhibitNullCharactersValidator()(value)
        return True

    def validate(self, value: Any) -> None:
        if len(value) > MOST_SEARCHES:
            raise ValidationError(_("At most %(n)d searches can be selected together.") % {"n": MOST_SEARCHES})
        super().validate(value)


class LeftOutField(forms.MultipleChoiceField):
    """What was unticked, as ``2:17``: the row with the key 17 is left out of the first two searches."""

    def valid_value(self, value: Any) -> bool:
        return _LEFT_OUT.fullmatch(value) is not None

    def validate(self, value: Any) -> None:
        _refuse_too_many(value)
        super().validate(value)


def _refuse_too_many(values: Any) -> None:
    if len(values) > MOST_TICKED:
        said = _("At most %(n)d can be ticked one by one. Search, and select all that match.")
        raise ValidationError(said % {"n": MOST_TICKED})


class SelectionForm(forms.Form):
    """What is chosen of a list: rows by a field of keys called ``key_field``, and all that match searches."""

    key_field: ClassVar[str]
    nothing_chosen: ClassVar[StrPromise | str]

    all = SearchesField(required=False)
    less = LeftOutField(required=False)

    def clean(self) -> dict[str, Any]:
        wrong = {self.key_field, "all", "less"} & self.errors.keys()
        if not wrong and not self.selection():
            raise ValidationError(self.nothing_chosen)
        return self.cleaned_data

    def selection(self) -> Selection:
        """What was posted, as far as it is right."""
        said = self.cleaned_data
        left_out = (_LEFT_OUT.fullmatch(one) for one in said.get("less", ()))
        return Selection(
            frozenset(said.get(self.key_field, ())),
            tuple(said.get("all", ())),
            {int(one["key"]): int(one["number"]) for one in left_out if one},
        )
