"""Filters of the reports: company first (REP-1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Company
from concentrators.tables import companies_of
from smmeplus.lists import ListFilterSet
from wakeup.models import DailyCount, WakeupTotal


class DayInput(forms.DateInput):
    """A date as browsers let it be picked."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DayFilter(django_filters.DateFilter):  # type: ignore[misc] # untyped
    """A day that the browser lets one pick."""

    def __init__(self, **kwargs: Any) -> None:
        errors = {"invalid": _l("A date is like 2020-09-24.")}
        super().__init__(widget=DayInput, error_messages=errors, **kwargs)


class CompanyFilterSet(ListFilterSet):
    """The company and a part of the concentrator's name."""

    company = django_filters.ChoiceFilter(label=_l("Company"), field_name="concentrator__company", empty_label=None)
    q = django_filters.CharFilter(
        label=_l("Concentrator name"), method="search", widget=forms.TextInput({"type": "search"})
    )

    def __init__(self, *args: Any, companies: Sequence[Company] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request) if companies is None else companies)

    def search(self, rows: QuerySet[Model], _name: str, text: str) -> QuerySet[Model]:
        return rows.filter(concentrator__serial_number__contains=text.strip().upper())


class WakeupFilterSet(CompanyFilterSet):
    """For the totals of REP-2."""

    class Meta:
        model = WakeupTotal
        fields = ["company", "q"]


class WakeupPerDayFilterSet(CompanyFilterSet):
    """Also: from one day to another, both included."""

    from_day = DayFilter(label=_l("From"), field_name="day", lookup_expr="gte")
    to_day = DayFilter(label=_l("To"), field_name="day", lookup_expr="lte")

    def filter_queryset(self, queryset: QuerySet[Model]) -> QuerySet[Model]:
        rows: QuerySet[Model] = super().filter_queryset(queryset)
        days = {self.form.cleaned_data.get(name) for name in ("from_day", "to_day")}
        # Said so, a single day is no sort key for the database, which then reads only the rows of the page.
        return rows.filter(day=days.pop()) if len(days) == 1 and None not in days else rows

    class Meta:
        model = DailyCount
        fields = ["company", "from_day", "to_day", "q"]
