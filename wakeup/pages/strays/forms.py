"""Creates concentrators from the stray frames of unknown serial numbers, one or many (LIS-6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import gettext_noop

from concentrators.importing.storing import by_serials, create, default_record
from concentrators.models import DEFAULT_TYPE, AnyUser, Company, Concentrator, ConcentratorType
from concentrators.procedures.bulk import CHUNK, BulkChange
from profiles.zones import ZoneInput
from smmeplus.common.choosing import KeysField, SelectionForm
from smmeplus.common.chunks import in_chunks
from smmeplus.common.forms import StyledForm
from wakeup.models import StrayFrame
from wakeup.models.strays import StrayFrameQuerySet
from wakeup.pages.strays.tables import StrayFilterSet

CREATION = gettext_noop("creation from unknown senders")  # in the audit
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
        widgets = {"time_zone": ZoneInput}
        error_messages = {
            "company": {"required": _l("Choose a company."), "invalid_choice": _l("Choose one of your companies.")},
            "type": {"required": _l("Choose a type.")},
        }

    #: Marked with *.
    mandatory = ("company", "serial_number", "type", "management_address", "management_port", "customers")
    field_order = (*mandatory[:3], "manufacturer", "management_ip", "management_port", "management_address")

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
        self.initial = {**proposed(self.companies), **self.initial}


def proposed(companies: list[Company]) -> dict[str, int]:
    """The usual type, and the company if there is only one to choose."""
    usual = ConcentratorType.objects.filter(name=DEFAULT_TYPE).first()
    found = {"type": usual.pk} if usual is not None else {}
    return found | ({"company": companies[0].pk} if len(companies) == 1 else {})


class StrayChoiceForm(SelectionForm):
    """The senders chosen one by one, and all that match filters, each as the address of the list has them (CON-3)."""

    key_field = "stray"
    nothing_chosen = _l("Select at least one sender.")

    stray = KeysField()

    def clean(self) -> dict[str, Any]:
        if not all(StrayFilterSet(QueryDict(one)).is_valid() for one in self.cleaned_data.get("all", ())):
            raise ValidationError(self.nothing_chosen)
        return super().clean()

    def chosen_of(self, offered: StrayFrameQuerySet) -> StrayFrameQuerySet:
        """Those of ``offered`` that are chosen. Whatever is posted, no other is. The filters are applied now."""
        chosen: Any = self.selection().of(offered, _matching)
        found: StrayFrameQuerySet = chosen
        return found


def _matching(strays: Any, query: str) -> Any:
    found: StrayFrameQuerySet = StrayFilterSet(QueryDict(query), queryset=strays).qs
    return found


class ConcentratorsFromStraysForm(StyledForm, forms.Form):
    """What all concentrators that are created at once have in common."""

    company = forms.ModelChoiceField(
        Company.objects.none(), label=_l("Company"), error_messages={"required": _l("Choose a company.")}
    )
    type = forms.ModelChoiceField(
        ConcentratorType.objects.all(), label=_l("Type"), error_messages={"required": _l("Choose a type.")}
    )

    mandatory = ("company", "type")  # marked with *

    def __init__(self, *args: Any, user: AnyUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        companies = Company.objects.visible_to(user)
        self.fields["company"].queryset = companies  # type: ignore[attr-defined] # a choice
        self.initial = proposed(list(companies))

    def create_from(self, strays: StrayFrameQuerySet, *, user: User | None, now: datetime) -> int:
        """Store a concentrator for each of ``strays``, available, and delete their rows: all or none, and how many.

        Raises ValidationError if meanwhile a serial number was taken.
        """
        serials = dict(strays.order_by("sender").values_list("sender", "pk"))
        company, type_ = self.cleaned_data["company"], self.cleaned_data["type"]
        record = {**default_record(), "company_id": company.pk, "type_id": type_.pk}
        change = BulkChange(CREATION, user=user, now=now)
        try:
            with transaction.atomic():
                for chunk in in_chunks(serials, CHUNK):
                    create([{**record, "serial_number": serial} for serial in chunk])
                    change.record(by_serials(chunk), created=True)
                    StrayFrame.objects.filter(pk__in=[serials[serial] for serial in chunk]).delete()
        except IntegrityError:
            raise ValidationError(_("One of these serial numbers has been taken meanwhile. Look once more.")) from None
        return len(serials)
