"""Creates a concentrator from the stray frames of an unknown serial number (LIS-6)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.models import DEFAULT_TYPE, AnyUser, Company, Concentrator, ConcentratorType
from smmeplus.common.forms import StyledForm
from wakeup.models import StrayFrame

TAKEN = _l("A concentrator with this serial number has been created in the meantime.")


class ConcentratorFromStrayForm(StyledForm, forms.ModelForm[Concentrator]):
    """The facts on the sender of ``stray``, as a concentrator of one of the companies of ``user`` (CON-1).

    The serial number is the one that was received; a posted one is ignored.
    """

    serial_number = forms.CharField(
        label=_l("Serial number"), disabled=True, required=False, error_messages={"unique": TAKEN}
    )

    class Meta:
        model = Concentrator
        fields = ("company", "serial_number", *Concentrator.FACTS)
        error_messages = {
            "company": {"required": _l("Choose a company."), "invalid_choice": _l("Choose one of your companies.")},
            "type": {"required": _l("Choose a type.")},
        }

    mandatory = ("company", "serial_number", "type", "management_port", "customers")  # marked with *

    def __init__(self, *args: Any, stray: StrayFrame, user: AnyUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stray = stray
        self.companies = list(Company.objects.visible_to(user))
        self.fields["company"].queryset = Company.objects.visible_to(user)  # type: ignore[attr-defined] # a choice
        self.fields["management_ip"].help_text = _("The last frame came from %(ip)s.") % {"ip": stray.source_ip}
        self.initial["serial_number"] = stray.sender
        self._propose()

    @property
    def can_be_submitted(self) -> bool:
        """Whether the user belongs to a company that can own the concentrator."""
        return bool(self.companies)

    def save(self, commit: bool = True) -> Concentrator:  # noqa: ARG002 - the stray would stay without it
        """Store the concentrator as available and delete the stray's row, both or neither.

        Raises ValidationError if meanwhile the serial number was taken.
        """
        try:
            with transaction.atomic():
                concentrator: Concentrator = super().save()
                StrayFrame.objects.filter(pk=self.stray.pk).delete()
        except IntegrityError:
            raise ValidationError({"serial_number": TAKEN}) from None
        return concentrator

    def _propose(self) -> None:
        """Fill in the fields with a usual or only possible value."""
        usual = ConcentratorType.objects.filter(name=DEFAULT_TYPE).first()
        if usual is not None:
            self.initial.setdefault("type", usual.pk)
        if len(self.companies) == 1:
            self.initial.setdefault("company", self.companies[0].pk)
