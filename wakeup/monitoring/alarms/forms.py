"""The forms of what people do about an alarm (STA-9)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from smmeplus.common.forms import StyledForm
from wakeup.monitoring.alarms.actions import REASON_LENGTH

HOURS = (1, 2, 4, 8, 12, 24)


def _choices() -> list[tuple[int, str]]:
    return [(hours, ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}) for hours in HOURS]


class CommandForm(StyledForm, forms.Form):
    """Asks nothing but whether."""

    mandatory: tuple[str, ...] = ()

    def until(self, now: datetime) -> datetime:
        return now


class ShelveForm(CommandForm):
    mandatory = ("hours", "reason")  # marked with *

    hours = forms.TypedChoiceField(label=_l("For"), choices=_choices, coerce=int, initial=1)
    reason = forms.CharField(label=_l("Reason"), max_length=REASON_LENGTH)

    def until(self, now: datetime) -> datetime:
        hours: Any = self.cleaned_data["hours"]
        return now + timedelta(hours=hours)
