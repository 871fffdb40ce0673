"""Fields for the parts of a rule; their errors say what was entered and what is right (WIR-4)."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from concentrators.models.signs import LIMITS

#: Longer ones are cut where an error shows them.
MAX_SHOWN: Final = 40
_NUMBER: Final = re.compile(r"[+-]?\d{1,20}", re.ASCII)
#: ``0-1:25.9.0.255``, or with points throughout, as many data sheets write it.
_NAME: Final = re.compile(r"(\d{1,3})[-.](\d{1,3})[:.](\d{1,3})\.(\d{1,3})\.(\d{1,3})[.*](\d{1,3})", re.ASCII)
_MOST_OF_A_NAME: Final = 255


class PartField(forms.CharField):
    """A short text that may be empty."""

    def __init__(self, size: int, **options: Any) -> None:
        super().__init__(required=False, widget=forms.TextInput({"size": size}), **options)


class NumberField(PartField):
    """A whole number within the limits of ``part``; None if nothing was entered."""

    def __init__(self, part: str, **options: Any) -> None:
        self.limits = LIMITS[part]
        super().__init__(size=min(5, len(str(self.limits.most))), **options)

    def to_python(self, value: Any) -> Any:
        entered = super().to_python(value)
        if not entered:
            return None
        if not _NUMBER.fullmatch(entered) or not self.limits.least <= int(entered) <= self.limits.most:
            raise ValidationError(
                _("“%(entered)s” is not a whole number from %(least)s to %(most)s."),
                params={"entered": entered[:MAX_SHOWN], **self.limits._asdict()},
            )
        return int(entered)


class NameField(PartField):
    """An OBIS code, in the form in which it is stored."""

    def __init__(self, **options: Any) -> None:
        super().__init__(size=15, **options)

    def to_python(self, value: Any) -> str:
        entered = super().to_python(value) or ""
        match = _NAME.fullmatch(entered)
        numbers = [int(number) for number in match.groups()] if match else []
        if entered and (not numbers or max(numbers) > _MOST_OF_A_NAME):
            raise ValidationError(
                _("“%(entered)s” is not a logical name: enter six numbers from 0 to 255, like 0-1:25.9.0.255."),
                params={"entered": entered[:MAX_SHOWN]},
            )
        return "{}-{}:{}.{}.{}.{}".format(*numbers) if numbers else ""
