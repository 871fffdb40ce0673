"""The form in which an operator decides about a conflict (MET-5)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.meters.conflicts.facts import listing_of
from concentrators.meters.conflicts.wording import last_day_of
from concentrators.models import Concentrator, Decision, MeterConflict
from smmeplus.common.forms import StyledForm
from smmeplus.common.stale.forms import UnchangedForm
from smmeplus.common.stale.refusing import StaleError

_WRONG_DAY = _l("A date is like 2020-09-24.")


class ListsField(forms.CharField):
    """The keys of the concentrators that listed the meter when the form was opened, as ``3,17``; empty: nobody saw."""

    widget = forms.HiddenInput
    #: Takes the place of what was sent, after a refusal that says what has changed.
    fresh = ""

    def __init__(self) -> None:
        super().__init__(required=False, label="")

    def bound_data(self, data: Any, initial: Any) -> Any:
        return self.fresh or super().bound_data(data, initial)


class DecisionForm(StyledForm, UnchangedForm):
    """Only what belongs to the decision is looked at. Days are by the clocks of the company."""

    mandatory = ("decision",)  # marked with *

    decision = forms.ChoiceField(label=_l("Decision"), choices=Decision.choices)
    keep_at = forms.ModelChoiceField(
        Concentrator.objects.none(),
        label=_l("Keep at"),
        required=False,
        help_text=_l("For “keep at one”: where the meter belongs."),
    )
    allowed_until = forms.DateField(
        label=_l("Last day"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_l("For “both allowed”. Then it waits for a decision again."),
        error_messages={"invalid": _WRONG_DAY},
        validators=[MinValueValidator(date(1970, 1, 1), _WRONG_DAY), MaxValueValidator(date(9000, 1, 1), _WRONG_DAY)],
    )
    listed_by = ListsField()

    class Meta:
        model = MeterConflict
        fields = ("decision", "keep_at", "allowed_until", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = [row.concentrator_id for row in listing_of(self.instance)]
        offered = Concentrator.objects.filter(pk__in=keys).order_by("serial_number")
        self.fields["keep_at"].queryset = offered  # type: ignore[attr-defined] # a choice
        self.fields["note"].required = False
        self.initial["listed_by"] = _in_text(keys)
        if self.instance.allowed_until is not None:
            self.initial["allowed_until"] = last_day_of(self.instance)

    def clean(self) -> dict[str, Any]:
        """What its decision does not need is emptied, so that nothing else is stored or compared."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        decision, day = cleaned.get("decision"), cleaned.get("allowed_until")
        if decision != Decision.KEEP:
            cleaned["keep_at"] = None
        elif cleaned.get("keep_at") is None and "keep_at" not in self.errors:
            self.add_error("keep_at", _("Choose the concentrator where it belongs."))
        if decision != Decision.ALLOWED:
            cleaned["allowed_until"] = None
        elif day is not None:
            cleaned["allowed_until"] = self._end_of(day)
        elif "allowed_until" not in self.errors:
            self.add_error("allowed_until", _("Say until when."))
        return cleaned

    def _end_of(self, day: date) -> datetime:
        midnight = datetime.combine(day + timedelta(days=1), time.min, self.instance.company.zone)
        return midnight.astimezone(UTC)

    def refuse_if_changed(self, stored: MeterConflict, lists: Collection[int]) -> None:
        """Raise StaleError if somebody else has decided, or other concentrators list the meter, since it was opened."""
        self.refuse_if_stale(stored)
        seen, now = self.cleaned_data.get("listed_by"), _in_text(lists)
        if seen and seen != now:
            self.fields["listed_by"].fresh = now  # type: ignore[attr-defined] # a ListsField
            said = _("Other concentrators list this meter than when you opened this form. Look, and save again.")
            raise StaleError({NON_FIELD_ERRORS: [said]})

    def _post_clean(self) -> None:
        """The decision is checked and stored by itself: nothing goes into the conflict that the page shows."""


def _in_text(keys: Collection[int]) -> str:
    return ",".join(str(key) for key in sorted(keys))


def refusal(form: DecisionForm, error: ValidationError) -> None:
    """Put ``error`` where its fields are; what is of no field of the form above all of them."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
    for name, errors in by_field.items():
        form.add_error(name if name in form.fields else None, errors)
