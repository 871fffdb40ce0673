"""Filters that programs need and pages do not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from rest_framework.exceptions import ErrorDetail

from concentrators.companies import companies_of
from concentrators.models import AnyUser, Concentrator
from smmeplus.common.api.problems import no_such
from smmeplus.common.lists import ListFilterSet
from smmeplus.dlms.kinds import KIND_BY_WORD
from wakeup.models import Message

MOST_KEY = 2**63 - 1


class InstantField(forms.Field):
    """A time with its offset from UTC; without one it would be ambiguous."""

    default_error_messages = {
        "invalid": _l("A time is like 2020-09-24T10:18:46Z or 2020-09-24T07:18:46-03:00; a “+” is written %2B.")
    }

    def to_python(self, value: str | None) -> datetime | None:
        if not value:
            return None
        try:
            moment = parse_datetime(value)
            if moment is not None and moment.tzinfo is not None:
                return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        raise ValidationError(self.error_messages["invalid"], code="invalid")


class InstantFilter(django_filters.IsoDateTimeFilter):
    field_class = InstantField


class KeyFilter(django_filters.NumberFilter):
    field_class = forms.IntegerField


class SerialFilter(django_filters.CharFilter):
    """The rows of one concentrator by its serial number, in any case.

    Its key is looked up first: with the key in the query, the database reads the rows in their order by the index
    of the concentrator, and stops at the end of the page.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_l("Serial number"), **kwargs)

    def refusal(self, user: AnyUser, serial: str) -> ErrorDetail | None:
        """For the API, which tells a serial number that is not there, or another company's, from one without rows."""
        is_there = Concentrator.objects.visible_to(user).filter(serial_number=serial.upper()).exists()
        return None if is_there else no_such(_("There is no such concentrator."))

    def refusals(self, user: AnyUser, serials: Sequence[str]) -> list[ErrorDetail]:
        """The same for several of them."""
        asked = [serial.upper() for serial in serials]
        seen = Concentrator.objects.visible_to(user).filter(serial_number__in=asked)
        there = set(seen.values_list("serial_number", flat=True))
        said = _("There is no such concentrator.")
        return [no_such(f"{serial}: {said}") for serial in serials if serial.upper() not in there]

    def filter(self, rows: QuerySet[Any], serial: str) -> QuerySet[Any]:
        return self.any_of(rows, [serial]) if serial else rows

    def any_of(self, rows: QuerySet[Any], serials: Sequence[str]) -> QuerySet[Any]:
        asked = [serial.upper() for serial in serials]
        keys = Concentrator.objects.filter(serial_number__in=asked).values_list("pk", flat=True)
        return rows.filter(concentrator__in=list(keys))


class MessageFilterSet(ListFilterSet):
    """Concentrator, company, kind, from elsewhere or not; times of receipt from one (included) to another (not)."""

    concentrator = SerialFilter()
    company = django_filters.ChoiceFilter(label=_l("Company"), field_name="concentrator__company")
    kind = django_filters.ChoiceFilter(
        label=_l("Kind"), choices=[(word, word) for word in KIND_BY_WORD], method="of_kind"
    )
    elsewhere = django_filters.ChoiceFilter(
        label=_l("From elsewhere"), choices=[("true", "true"), ("false", "false")], method="of_elsewhere"
    )
    received_from = InstantFilter(label=_l("Received from"), field_name="received_at", lookup_expr="gte")
    received_to = InstantFilter(label=_l("Received before"), field_name="received_at", lookup_expr="lt")

    class Meta:
        model = Message
        fields = ["concentrator", "company", "kind", "elsewhere", "received_from", "received_to"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))

    def of_elsewhere(self, messages: QuerySet[Message], _name: str, value: str) -> QuerySet[Message]:
        return messages.filter(elsewhere=value == "true")

    def of_kind(self, messages: QuerySet[Message], _name: str, value: str) -> QuerySet[Message]:
        return messages.filter(kind=KIND_BY_WORD[value])
