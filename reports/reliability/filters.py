"""A month of one company, and which of its concentrators (STA-6)."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.filters import PlaceFilter, SearchFilter
from concentrators.models import Company, Concentrator
from reports.filters import OfCompanies
from reports.reliability.availability import with_availability, with_stored
from reports.reliability.figures import MonthReport
from reports.reliability.months import Month
from reports.reliability.stored.reading import report_of
from wakeup.models.zones import zone_in_force

UTC_ZONE = ZoneInfo("UTC")


def month_at(now: datetime, zone: ZoneInfo) -> Month:
    return Month.of(now.astimezone(zone).date())


class MonthInput(forms.TextInput):
    """A text like ``2027-04``, which browsers without a chooser of months let users type."""

    input_type = "month"

    def format_value(self, value: Any) -> str | None:
        return str(value) if value else None


class MonthField(forms.CharField):
    widget = MonthInput

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return Month.parse(text)
        except ValueError:
            raise ValidationError(_("A month is like 2027-04.")) from None


class MonthFilter(django_filters.CharFilter):  # type: ignore[misc] # untyped
    """Which month the rows tell of; it takes none of them away."""

    field_class = MonthField

    def filter(self, rows: QuerySet[Any], _month: Month | None) -> QuerySet[Any]:
        return rows


class MonthOfCompany(OfCompanies):
    """Which month, else the present one, of which company."""

    company = django_filters.ChoiceFilter(label=_l("Company"), empty_label=None)
    month = MonthFilter(label=_l("Month"))
    q: Any = None  # takes no concentrators away
    single = ("company",)

    class Meta:
        model = Concentrator
        fields = ["company", "month"]

    @property
    def chosen_company(self) -> Company | None:
        """The one asked for; else the first of the user's, if there is any."""
        asked = self.form.cleaned_data.get("company")
        return next((one for one in self.companies if not asked or str(one.pk) == asked), None)

    @cached_property
    def report(self) -> MonthReport | None:
        """The figures of the month; None where a filter is wrong or there is no company."""
        company = self.chosen_company if self.form.is_valid() else None
        if company is None:
            return None
        month = self.form.cleaned_data["month"] or month_at(self.now, company.zone)
        return report_of(company, month, zone_in_force(company, self.settings), self.now)


class ReliabilityFilterSet(MonthOfCompany):
    """Its rows are those in field at some time of the month, with_availability."""

    q = SearchFilter()
    substation = PlaceFilter(_l("Substation"))
    feeder = PlaceFilter(_l("Feeder"))

    class Meta:
        model = Concentrator
        fields = ["company", "month", "q", "substation", "feeder"]

    def filter_queryset(self, queryset: QuerySet[Concentrator]) -> QuerySet[Any]:
        report = self.report
        if report is None:  # still with the columns that the list sorts by
            return with_availability(queryset.none(), month_at(self.now, UTC_ZONE), UTC_ZONE, UTC_ZONE, self.now)
        of_company = queryset.filter(company=report.company)
        rows: QuerySet[Any] = super().filter_queryset(of_company)
        if report.stored is not None:
            return with_stored(rows, report.company, report.month)
        counting = zone_in_force(report.company, self.settings)
        return with_availability(rows, report.month, report.zone, counting, self.now)
