"""The dialogs that change a concentrator's facts (CON-6), and that take it out of service (STA-1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.keys.passwords import LONGEST_PASSWORD
from concentrators.models import Concentrator, OutOfService
from concentrators.procedures.held import locked
from concentrators.procedures.out_of_service import REASON_LENGTH, OutOfServiceError, in_zone, set_out_of_service
from profiles.zones import ZoneInput
from smmeplus.common.forms import StyledForm
from smmeplus.common.stale.refusing import as_text, both_values, refuse, stored_text

MORNING_HOUR = 8  # when a shift begins


class ConcentratorForm(StyledForm, forms.ModelForm[Concentrator]):
    """The facts that an operator may change. State and profile change by installation, modification and removal.

    The form also sends the values that the operator saw: a field that they left alone keeps what somebody else has
    written into it meanwhile.
    """

    mandatory = ("type", "management_address", "management_port", "customers")  # marked with *
    field_order = ("type", "manufacturer", "management_ip", "management_port", "management_address")

    class Meta:
        model = Concentrator
        fields = Concentrator.FACTS
        widgets = {"time_zone": ZoneInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.show_hidden_initial = not self.is_bound or self.add_initial_prefix(name) in self.data

    def refuse_if_stale(self, stored: Concentrator, changed: Sequence[str]) -> None:
        """Raise StaleError if somebody else has written other values into fields that the operator changed, too."""
        errors = {
            name: both_values(stored, name, getattr(self.instance, name)) for name in self._clashes(stored, changed)
        }
        if errors:
            fresh = {self.add_initial_prefix(name): stored_text(stored, name) for name in errors}
            self.data = {**self.data.dict(), **fresh}  # type: ignore[attr-defined] # by then the operator has seen them
        refuse(stored, errors)

    def _clashes(self, stored: Concentrator, changed: Sequence[str]) -> Iterator[str]:
        for name in changed:
            seen = self.data.get(self.add_initial_prefix(name))
            if seen is not None:
                known = as_text(self.fields[name].to_python(seen)), stored_text(self.instance, name)
                if stored_text(stored, name) not in known:
                    yield name

    def save(self, commit: bool = True) -> Concentrator:  # noqa: ARG002 - it always does
        """Store only the fields that the operator changed; return the concentrator as it is then.

        History copies the whole row, so the row is read again under a lock: what an installation has just
        changed must not look as if it were undone. Raises StaleError where somebody else has changed the same.
        """
        with transaction.atomic():
            stored: Concentrator = locked(Concentrator.objects.filter(pk=self.instance.pk)).get()
            new = {name: getattr(self.instance, name) for name in self.changed_data}  # as the model has cleaned it
            self.refuse_if_stale(stored, list(new))
            changed = [name for name, value in new.items() if getattr(stored, name) != value]
            for name in changed:
                setattr(stored, name, new[name])
            if changed:
                stored.save(update_fields=changed)
        return stored


class PasswordForm(StyledForm, forms.Form):
    """A new management password. What is stored is never sent to the browser, and what was typed is not sent back."""

    password = forms.CharField(
        label=_l("Password"),
        required=False,
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )


class TimeField(forms.Field):
    """A time by the clocks of the company of ``concentrator``, as browsers send it; ISO 8601 with an offset, too."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"})
    concentrator: Concentrator

    def to_python(self, value: str | None) -> datetime | None:
        text = (value or "").strip()
        if not text:
            return None
        try:
            typed = datetime.fromisoformat(text)
        except ValueError:
            raise ValidationError(_("Type a date and a time.")) from None
        return in_zone(typed, self.concentrator)


class OutOfServiceForm(StyledForm, forms.Form):
    """Why ``concentrator`` is out of service, and from when until when. An empty beginning is the moment of saving."""

    mandatory = ("reason", "end")  # marked with *

    reason = forms.CharField(label=_l("Reason"), max_length=REASON_LENGTH)
    begin = TimeField(label=_l("From"), required=False)
    end = TimeField(label=_l("Until"))

    def __init__(self, *args: Any, concentrator: Concentrator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.concentrator = concentrator
        zone = {"zone": concentrator.zone}
        self.fields["begin"].help_text = _("By the clocks of %(zone)s. Empty: now.") % zone
        self.fields["end"].help_text = _("By the clocks of %(zone)s.") % zone
        for name in ("begin", "end"):
            self.fields[name].concentrator = concentrator  # type: ignore[attr-defined] # a TimeField

    @property
    def usual_ends(self) -> list[tuple[str, str]]:
        """Ends that are usual, each with the time to fill in; none that comes twice or never."""
        zone = self.concentrator.zone
        now = timezone.now().astimezone(zone)
        morning = now.replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0, tzinfo=None)
        if morning <= now.replace(tzinfo=None):
            morning += timedelta(days=1)
        in_an_hour = (timezone.now() + timedelta(hours=1, minutes=1)).astimezone(zone)
        ends = [(_("in 1 hour"), in_an_hour.replace(tzinfo=None)), (_("8:00 in the morning"), morning)]
        return [(label, end.isoformat(timespec="minutes")) for label, end in ends if self._is_clear(end)]

    def _is_clear(self, end: datetime) -> bool:
        try:
            in_zone(end, self.concentrator)
        except OutOfServiceError:
            return False
        return True

    def save(self, *, user: User, now: datetime) -> OutOfService:
        """Set it out of service. Raises OutOfServiceError as :func:`set_out_of_service` does."""
        return set_out_of_service(self.concentrator, **self.cleaned_data, user=user, now=now)
