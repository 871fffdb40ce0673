"""Filters of the reports: company first (REP-1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import django_filters
from django import forms
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.companies import companies_of, profiles_of
from concentrators.filters import PlaceFilter, SearchFilter, SearchFilterSet
from concentrators.models import Company, Concentrator
from profiles.requests import settings_of
from reports.queries import in_field_during, with_expected_of
from smmeplus.common.request import now_of
from wakeup.counts.filters import DayFilter
from wakeup.models import DailyCount, WakeupTotal
from wakeup.models.zones import with_zones, zone_in_force
from wakeup.monitoring.expected.sql import silent_on
from wakeup.monitoring.status.filters import ReasonFilter, StatusFilter
from wakeup.monitoring.status.rules import Timing

#: A concentrator is chatty if it sent twice as much as expected, and more than three wake-ups beyond that: each boot
#: adds one.
CHATTY_FACTOR = 2
CHATTY_BEYOND = 3


class WholeNumberFilter(django_filters.NumberFilter):  # type: ignore[misc] # untyped
    field_class = forms.IntegerField


class OfCompanies(SearchFilterSet):
    """A FilterSet whose first filter is a drop-down of the user's companies."""

    def __init__(self, *args: Any, companies: Sequence[Company] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now_of(self.request)
        self.settings = settings_of(self.request)
        self.companies = with_zones(companies_of(self.request)) if companies is None else companies
        self.offer("company", self.companies)

    @property
    def timing(self) -> Timing:
        return Timing.of_page(self.settings)

    @property
    def zones(self) -> dict[int, ZoneInfo]:
        """In which zone the reporting days of each company begin, by the key of the company."""
        wanted = self.form.cleaned_data.get("company")
        chosen = (company for company in self.companies if not wanted or str(company.pk) == wanted)
        return {company.pk: zone_in_force(company, self.settings) for company in chosen}

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the company, if the rows belong to one."""
        return next(iter(self.zones.values()), ZoneInfo("UTC"))


class CompanyFilterSet(OfCompanies):
    concentrator = "concentrator__"
    company = django_filters.ChoiceFilter(label=_l("Company"), field_name="concentrator__company", empty_label=None)
    q = SearchFilter(_l("Concentrator name"))


class WakeupFilterSet(CompanyFilterSet):
    status = StatusFilter()

    class Meta:
        model = WakeupTotal
        fields = ["company", "q", "status"]


class DaysForm(forms.Form):
    """Refuses days that end before they begin."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("from_day"), cleaned.get("to_day")
        if first and last and last < first:
            said = _("This day is before “From”. Choose a later one, or an earlier “From”.")
            self.add_error("to_day", forms.ValidationError(said, code="reversed"))
        return cleaned


class WakeupPerDayFilterSet(CompanyFilterSet):
    """Also: from one day to another, both included, and by what was expected of those days (REP-7).

    Its rows have ``expected`` and ``missing``.
    """

    from_day = DayFilter(label=_l("From"), field_name="day", lookup_expr="gte")
    to_day = DayFilter(label=_l("To"), field_name="day", lookup_expr="lte")
    missing = WholeNumberFilter(label=_l("Missing at least"), lookup_expr="gte", min_value=1)
    chatty = django_filters.ChoiceFilter(
        label=_l("More than expected"), method="only_chatty", choices=[("yes", _l("chatty"))], empty_label=_l("All")
    )

    class Meta:
        model = DailyCount
        form = DaysForm
        fields = ["company", "from_day", "to_day", "q"]

    def filter_queryset(self, queryset: QuerySet[DailyCount]) -> QuerySet[DailyCount]:
        first, last = (self.form.cleaned_data.get(name) for name in ("from_day", "to_day"))
        expected = with_expected_of(queryset, self.zones, first, last, self.now)
        rows: QuerySet[DailyCount] = super().filter_queryset(expected)
        # With one value the day is no sort key: the database then reads only the rows of the page.
        return rows.filter(day=first) if first and first == last else rows

    def only_chatty(self, rows: QuerySet[DailyCount], _name: str, _yes: str) -> QuerySet[DailyCount]:
        beyond = rows.filter(wakeup_count__gt=CHATTY_BEYOND)
        return beyond.filter(
            wakeup_count__gte=CHATTY_FACTOR * F("expected"), wakeup_count__gt=F("expected") + CHATTY_BEYOND
        )


class ConcentratorsFilterSet(OfCompanies):
    company = django_filters.ChoiceFilter(label=_l("Company"), empty_label=None)
    substation = PlaceFilter(_l("Substation"))
    feeder = PlaceFilter(_l("Feeder"))


class InFieldFilterSet(ConcentratorsFilterSet):
    status = StatusFilter()
    reason = ReasonFilter()
    profile = django_filters.ChoiceFilter(label=_l("Spontaneous profile"), empty_label=_l("All"))
    silent_on = DayFilter(label=_l("Silent on"), method="only_silent")

    class Meta:
        model = Concentrator
        fields = ["company", "q", "status", "reason", "profile", "substation", "feeder", "silent_on"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("profile", profiles_of(self.request))

    def only_silent(self, rows: QuerySet[Concentrator], _name: str, day: date) -> QuerySet[Concentrator]:
        return silent_on(rows, day, self.zone, self.now)


class DaysFilterSet(ConcentratorsFilterSet):
    to_day = DayFilter(label=_l("To"), method="in_field_then")

    class Meta:
        model = Concentrator
        fields = ["company", "q", "substation", "feeder", "to_day"]

    def in_field_then(self, rows: QuerySet[Concentrator], _name: str, day: date) -> QuerySet[Concentrator]:
        return in_field_during(rows, day, self.zone)
