"""The dialog of a procedure profile (PRC-1, PRO-4)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from profiles.forms import ProfileNameField, RenameForm
from profiles.models import ProcedureProfile
from profiles.owners.forms import OwnedForm
from profiles.procedures.waves import waves_in_words
from smmeplus.common.forms import StyledForm
from smmeplus.common.stale.forms import UnchangedForm


class HourField(forms.TimeField):
    """A time of the day to the minute."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    input_formats = ["%H:%M"]  # in every language what the page sends
    default_error_messages = {"invalid": _l("Write a time of the day like 22:00.")}


class ProcedureForm(StyledForm, UnchangedForm, OwnedForm):
    name = ProfileNameField(label=_l("Name"))
    begin_hour = HourField(label=_l("Writes begin from"), required=False)
    end_hour = HourField(
        label=_l("Writes begin until"),
        required=False,
        help_text=_l("By the clock of the company; over midnight if it is the earlier hour. Both empty: at any hour."),
    )

    class Meta:
        model = ProcedureProfile
        fields = ["name", *ProcedureProfile.PARAMETERS]
        labels = {
            "waves": _l("Waves"),
            "halt_percent": _l("Halts above percent of failures"),
            "tries": _l("Most tries"),
            "backoff_min": _l("Minutes before the second try"),
            "first_wakeup_within_min": _l("Minutes to the first wake-up"),
            "verify_after_days": _l("Read back again after days"),
            "disables_on_removal": _l("A removal disables the wake-up inside the concentrator"),
        }
        help_texts = {
            "waves": _l("How many concentrators at a time, for example 10, 100, all. The last wave is all the others."),
            "halt_percent": _l("Of all concentrators of a wave. Empty: it never halts."),
            "tries": _l("After so many a concentrator counts as failed."),
            "backoff_min": _l("Before each further try twice as long, up to 12 hours."),
            "first_wakeup_within_min": _l(
                "A concentrator that takes longer after writing counts as failed. Empty: its period and 30 minutes."
            ),
            "verify_after_days": _l("0: only at once, after writing."),
        }

    field_order = ("name", "company")
    mandatory = ("name", "waves", "tries", "backoff_min", "verify_after_days")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "waves" not in (kwargs.get("initial") or {}):
            self.initial["waves"] = waves_in_words(self.instance.wave_sizes)
        for name in self.mandatory:
            self.fields[name].widget.attrs["aria-required"] = "true"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "begin_hour" in self.errors or "end_hour" in self.errors:
            return cleaned
        begin, end = cleaned.get("begin_hour"), cleaned.get("end_hour")
        if (begin is None) != (end is None):
            self.add_error("begin_hour" if begin is None else "end_hour", _("Give both hours or none."))
        elif begin is not None and begin == end:
            self.add_error("end_hour", _("Choose another hour than the first; leave both empty for any hour."))
        return cleaned


class ProcedureRenameForm(RenameForm):
    class Meta(RenameForm.Meta):
        model = ProcedureProfile  # type: ignore[assignment] # another kind of profile
