"""The form of planned work (STA-8)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Company, Concentrator, PlannedScope, PlannedWork
from concentrators.planned.works import Names
from concentrators.procedures.out_of_service import by_clocks
from smmeplus.common.forms import StyledForm
from smmeplus.common.stale.forms import UnchangedForm

BY_RULE = "rule"
#: The usual ones; with an end each is a rule by itself.
REPEATS = {
    "": _l("does not recur"),
    "FREQ=DAILY": _l("daily"),
    "FREQ=WEEKLY": _l("weekly"),
    "FREQ=WEEKLY;INTERVAL=2": _l("every 2 weeks"),
    "FREQ=MONTHLY": _l("every month on that day"),
    "FREQ=YEARLY": _l("every year on that day"),
    BY_RULE: _l("by a rule"),
}
_UNTIL = re.compile(r"(.+);UNTIL=(\d{8})")


class ClockField(forms.Field):
    """A time as browsers send it, without a zone, or ISO 8601 with one. To be read by the clocks of the company."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"})

    def to_python(self, value: str | None) -> datetime | None:
        text = (value or "").strip()
        if not text:
            return None
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise ValidationError(_("Type a date and a time.")) from None


class PlannedForm(StyledForm, UnchangedForm):
    """What is planned, where and when. The company of a work stays.

    What it makes of ``concentrator`` and ``rule`` are values of the model; the other fields of the place are emptied
    where the scope does not name them.
    """

    mandatory = ("company", "scope", "title", "begin", "end")  # marked with *

    company = forms.ModelChoiceField(Company.objects.none(), label=_l("Company"), empty_label=None)
    scope = forms.ChoiceField(label=_l("Covers"), choices=PlannedScope.choices, initial=PlannedScope.FEEDER)
    concentrator = forms.CharField(label=_l("Serial number"), required=False, help_text=_l("For a concentrator."))
    substation = forms.CharField(
        label=_l("Substation"), required=False, help_text=_l("For a substation, and for a feeder if it names one.")
    )
    feeder = forms.CharField(label=_l("Feeder"), required=False, help_text=_l("For a feeder."))
    begin = ClockField(label=_l("From"))
    end = ClockField(label=_l("To"))
    repeats = forms.ChoiceField(label=_l("Recurs"), choices=list(REPEATS.items()), required=False)
    until = forms.DateField(
        label=_l("Last day"),
        required=False,
        widget=forms.DateInput({"type": "date"}),
        help_text=_l("Of what recurs. Empty: it has no end."),
    )
    rule = forms.CharField(
        label=_l("Rule"),
        required=False,
        help_text=_l(
            "For “by a rule”, as calendars have it: FREQ=MONTHLY;BYDAY=1SA is each first Saturday of a month."
        ),
    )

    class Meta:
        model = PlannedWork
        fields = ["company", "scope", "concentrator", "substation", "feeder", "title", "begin", "end", "rule"]

    field_order = [*Meta.fields[:-1], "repeats", "until", "rule"]

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["company"]
            self._show_stored()
        else:
            self.fields["company"].queryset = Company.objects.visible_to(user)  # type: ignore[attr-defined]
        zone = self.instance.company.time_zone if self.instance.pk else _("the company")
        self.fields["begin"].help_text = _("By the clocks of %(zone)s.") % {"zone": zone}
        self.fields["end"].help_text = _("Of the first time, if it recurs. By the clocks of %(zone)s.") % {"zone": zone}

    def _show_stored(self) -> None:
        work, zone = self.instance, self.instance.company.zone
        for name in ("begin", "end"):
            self.initial[name] = f"{getattr(work, name).astimezone(zone):%Y-%m-%dT%H:%M}"
        self.initial["concentrator"] = work.concentrator.serial_number if work.concentrator else ""
        match = _UNTIL.fullmatch(work.rule)
        rule, until = match.groups() if match and match[1] in REPEATS else (work.rule, "")
        is_usual = rule in REPEATS
        self.initial["repeats"] = rule if is_usual else BY_RULE
        self.initial["rule"] = "" if is_usual else work.rule
        self.initial["until"] = date.fromisoformat(until) if until else None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        company = self.instance.company if self.instance.pk else cleaned.get("company")
        serial, cleaned["concentrator"] = cleaned.get("concentrator") or "", None
        self._clean_times(cleaned, company)
        if company is not None:
            self._clean_place(cleaned, company, serial)
        cleaned["rule"] = self._cleaned_rule(cleaned)
        return cleaned

    def _clean_times(self, cleaned: dict[str, Any], company: Company | None) -> None:
        for name in ("begin", "end"):
            if cleaned.get(name) is None:
                continue
            try:
                cleaned[name] = self._moment(name, cleaned[name], company)
            except ValidationError as error:
                self.add_error(name, error)
        if cleaned.get("begin") and cleaned.get("end") and cleaned["end"] <= cleaned["begin"]:
            self.add_error("end", _("The end has to be after the beginning."))

    def _moment(self, name: str, typed: datetime, company: Company | None) -> datetime:
        if typed.tzinfo is None and typed.isoformat(timespec="minutes") == self.initial.get(name):
            stored: datetime = getattr(self.instance, name)
            return stored  # left alone; it may be one that clocks show twice
        return by_clocks(typed, company.zone if company else UTC)

    def _clean_place(self, cleaned: dict[str, Any], company: Company, serial: str) -> None:
        """The names as the inventory spells them, and the concentrator by its serial number."""
        cleaned["substation"], cleaned["feeder"] = Names(company).spelt(
            cleaned.get("substation", "").strip(), cleaned.get("feeder", "").strip()
        )
        if serial and cleaned.get("scope") == PlannedScope.CONCENTRATOR:
            offered = Concentrator.objects.filter(company=company)
            cleaned["concentrator"] = offered.filter(serial_number=serial.strip().upper()).first()
            if cleaned["concentrator"] is None:
                self.add_error("concentrator", _("This company has no such concentrator."))

    def _cleaned_rule(self, cleaned: dict[str, Any]) -> str:
        repeats, until = cleaned.get("repeats") or "", cleaned.get("until")
        if repeats == BY_RULE:
            if not cleaned.get("rule"):
                self.add_error("rule", _("Type a rule."))
            return cleaned.get("rule") or ""
        return f"{repeats};UNTIL={until:%Y%m%d}" if repeats and until else repeats
