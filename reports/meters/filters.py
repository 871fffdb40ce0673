"""The filters of the reports on meters, company first: the same for pages, files and the API (REP-1, MET-4)."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet, Subquery
from django.utils.translation import gettext_lazy as _l

from concentrators.filters import SearchFilter, SearchFilterSet
from concentrators.models import (
    Concentrator,
    Decision,
    Meter,
    MeterConflict,
    MeterKind,
    MeterState,
    MeterTally,
    Repeater,
    Sighting,
)
from reports.filters import ConcentratorsFilterSet, OfCompanies, WholeNumberFilter
from reports.meters.finding import matching, meters_of, names_found, not_found
from reports.meters.queries import KIND_WORDS, NO, STATE_WORDS, UNKNOWN, YES, in_conflict, state_of
from reports.meters.totals import manufacturers, tallied
from wakeup.api.filters import SerialFilter

YES_OR_NO = [(YES, _l("Yes")), (NO, _l("No"))]
MOST_DAYS = 3_650
MOST_LEVEL = 32_767  # that the column holds
STATES = [*((STATE_WORDS[state], state.label) for state in reversed(MeterState)), (STATE_WORDS[UNKNOWN], _l("unknown"))]
UNDECIDED = "undecided"
DECISIONS = [(UNDECIDED, _l("not decided")), *Decision.choices]


class WordFilter(django_filters.ChoiceFilter):  # type: ignore[misc] # untyped
    """A choice of words that a method of the FilterSet turns into a condition.

    The method calls the word ``value``: by the type that it has there the schema of the API says that it is a text.
    """

    def __init__(self, label: Any, choices: Any, method: str, **kwargs: Any) -> None:
        super().__init__(label=label, choices=choices, method=method, empty_label=_l("All"), **kwargs)


class MeterSearchFilter(SearchFilter):
    """A part of a meter's name, its MAC, or several names."""

    def __init__(self) -> None:
        super().__init__(_l("Meter name or MAC"))
        self.extra["widget"] = forms.TextInput({"type": "search", "placeholder": _l("A part of it, or several")})

    def filter(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        return matching(rows, text, [company.pk for company in self.parent.companies])


class ConcentratorFilter(SerialFilter):
    """The rows of one concentrator. Its key is looked up within the query, which has few rows then."""

    def __init__(self) -> None:
        super().__init__()
        self.label = _l("Concentrator")

    def filter(self, rows: QuerySet[Any], serial: str) -> QuerySet[Any]:
        key = Concentrator.objects.filter(serial_number=serial.upper()).values("pk")[:1]
        return rows.filter(concentrator=Subquery(key)) if serial else rows


class MeterNameFilter(django_filters.CharFilter):  # type: ignore[misc] # untyped
    """Meters themselves, by a part of a name, a MAC or several names."""

    def __init__(self) -> None:
        super().__init__(label=_l("Meter name or MAC"))

    def filter(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        return meters_of(rows, text)


class SearchesMeters(OfCompanies):
    """Its rows have a ``meter``."""

    @property
    def is_searched(self) -> bool:
        return bool(self.data.get("q"))

    @cached_property
    def found(self) -> list[str] | None:
        """The names of the meters of all rows, if several were searched for."""
        return None if self.form.errors else names_found(self.qs, self.data.get("q", ""))

    @property
    def not_found(self) -> str:
        return not_found(self.found, "" if self.form.errors else self.data.get("q", ""))


class OfManufacturers(OfCompanies):
    """Offers the manufacturers that the companies have meters of."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tallied = tallied(self.request, [company.pk for company in self.companies])
        self.filters["manufacturer"].extra["choices"] = [(name, name) for name in manufacturers(self.tallied)]


class SightingFilterSet(SearchesMeters, OfManufacturers):
    """Sightings by what is said of them; ``silent_days`` are days since the last contact, if there was one."""

    company = django_filters.ChoiceFilter(label=_l("Company"), empty_label=None)
    q = MeterSearchFilter()
    state = WordFilter(_l("State"), STATES, "of_state")
    concentrator = ConcentratorFilter()
    level = WholeNumberFilter(label=_l("Level"), min_value=0, max_value=MOST_LEVEL)
    manufacturer = django_filters.ChoiceFilter(
        label=_l("Manufacturer"), field_name="meter__manufacturer", empty_label=_l("All")
    )
    silent_days = WholeNumberFilter(
        label=_l("Not seen for days"), method="not_seen_for", min_value=1, max_value=MOST_DAYS
    )
    conflict = WordFilter(_l("In conflict"), YES_OR_NO, "of_conflict")
    supervisors = WordFilter(_l("Supervisors"), YES_OR_NO, "of_supervisors")

    class Meta:
        model = Sighting
        fields = [
            *("company", "q", "state", "concentrator", "level", "manufacturer"),
            *("silent_days", "conflict", "supervisors"),
        ]

    def of_state(self, rows: QuerySet[Sighting], _name: str, value: str) -> QuerySet[Sighting]:
        number = state_of(value)
        return rows.filter(state__isnull=True) if number is None else rows.filter(state=number)

    def not_seen_for(self, rows: QuerySet[Sighting], _name: str, days: int) -> QuerySet[Sighting]:
        return rows.filter(last_seen__lt=self.now - timedelta(days=days))

    def of_conflict(self, rows: QuerySet[Sighting], _name: str, value: str) -> QuerySet[Sighting]:
        return in_conflict(rows, value == YES)

    def of_supervisors(self, rows: QuerySet[Sighting], _name: str, value: str) -> QuerySet[Sighting]:
        return rows.filter(meter__kind=MeterKind.SUPERVISOR if value == YES else MeterKind.CUSTOMER)


class MeterFilterSet(OfManufacturers):
    """All meters that are known, in a list or not."""

    company = django_filters.ChoiceFilter(label=_l("Company"), empty_label=None)
    q = MeterNameFilter()
    manufacturer = django_filters.ChoiceFilter(label=_l("Manufacturer"), empty_label=_l("All"))
    supervisors = WordFilter(_l("Supervisors"), YES_OR_NO, "of_supervisors")
    in_master = WordFilter(_l("In the master file"), YES_OR_NO, "of_master")

    class Meta:
        model = Meter
        fields = ["company", "q", "manufacturer", "supervisors", "in_master"]

    def of_supervisors(self, rows: QuerySet[Meter], _name: str, value: str) -> QuerySet[Meter]:
        return rows.filter(kind=MeterKind.SUPERVISOR if value == YES else MeterKind.CUSTOMER)

    def of_master(self, rows: QuerySet[Meter], _name: str, value: str) -> QuerySet[Meter]:
        return rows.filter(in_master_since__isnull=value == NO)


class ConflictFilterSet(SearchesMeters):
    company = django_filters.ChoiceFilter(label=_l("Company"), field_name="conflict_company", empty_label=None)
    q = MeterSearchFilter()
    kind = WordFilter(_l("Kind"), [(word, kind.label) for kind, word in KIND_WORDS.items()], "of_kind")
    concentrator = ConcentratorFilter()
    decision = WordFilter(_l("Decision"), DECISIONS, "of_decision")

    class Meta:
        model = Sighting
        fields = ["company", "q", "kind", "concentrator", "decision"]

    @property
    def conflicts(self) -> QuerySet[MeterConflict] | None:
        """The conflicts that the rows are of; None if only some rows of a conflict may match."""
        asked = self.form.cleaned_data if self.form.is_valid() else {}
        if not asked.get("company") or asked["q"] or asked["concentrator"]:
            return None
        rows: QuerySet[Any] = MeterConflict.objects.open().filter(company=asked["company"]).order_by()
        rows = self.of_kind(rows, "kind", asked["kind"]) if asked["kind"] else rows
        return self.of_decision(rows, "decision", asked["decision"]) if asked["decision"] else rows

    def of_kind(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(kind=next(kind for kind, name in KIND_WORDS.items() if name == value))

    def of_decision(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(decision="" if value == UNDECIDED else value)


class CountFilterSet(ConcentratorsFilterSet):
    """Concentrators by their lists: whether they have one, and whether what it holds needs somebody."""

    listed = WordFilter(_l("Meter list"), YES_OR_NO, "of_listed")
    failures = WordFilter(_l("Permanent failures"), YES_OR_NO, "of_failures")
    conflict = WordFilter(_l("In conflict"), YES_OR_NO, "of_conflict")

    class Meta:
        model = Concentrator
        fields = ["company", "q", "listed", "failures", "conflict", "substation", "feeder"]

    def of_listed(self, rows: QuerySet[Concentrator], _name: str, value: str) -> QuerySet[Concentrator]:
        return rows.filter(meter_counts__isnull=value == NO)

    def of_failures(self, rows: QuerySet[Concentrator], _name: str, value: str) -> QuerySet[Concentrator]:
        return rows.filter(**_some_or_none("meter_counts__permanent", value))

    def of_conflict(self, rows: QuerySet[Concentrator], _name: str, value: str) -> QuerySet[Concentrator]:
        return rows.filter(**_some_or_none("meter_counts__in_conflict", value))


def _some_or_none(path: str, value: str) -> dict[str, int]:
    """Of those with a list alone: without one nothing is known."""
    return {f"{path}__gt": 0} if value == YES else {path: 0}


class TallyFilterSet(OfManufacturers):
    company = django_filters.ChoiceFilter(label=_l("Company"), empty_label=None)
    q = django_filters.CharFilter(label=_l("Type"), field_name="type", lookup_expr="icontains")
    state = WordFilter(_l("State"), STATES, "of_state")
    manufacturer = django_filters.ChoiceFilter(label=_l("Manufacturer"), empty_label=_l("All"))

    class Meta:
        model = MeterTally
        fields = ["company", "manufacturer", "q", "state"]

    @property
    def not_found(self) -> str:
        return ""

    def of_state(self, rows: QuerySet[MeterTally], _name: str, value: str) -> QuerySet[MeterTally]:
        number = state_of(value)
        return rows.filter(state=UNKNOWN if number is None else number)


class RepeaterFilterSet(OfCompanies, SearchFilterSet):
    """Repeaters by their concentrator, by their state, and by how many are behind them."""

    company = django_filters.ChoiceFilter(label=_l("Company"), field_name="concentrator__company", empty_label=None)
    concentrator = "concentrator__"
    q = SearchFilter(_l("Concentrator name"))
    state = WordFilter(_l("State"), STATES, "of_state")
    behind = WholeNumberFilter(label=_l("Behind at least"), lookup_expr="gte", min_value=1, max_value=2**31 - 1)
    orphans = WordFilter(_l("Parent unknown"), YES_OR_NO, "of_orphans")

    class Meta:
        model = Repeater
        fields = ["company", "q", "state", "behind", "orphans"]

    def of_state(self, rows: QuerySet[Repeater], _name: str, value: str) -> QuerySet[Repeater]:
        number = state_of(value)
        known = rows.filter(sighting__isnull=False)
        return known.filter(sighting__state__isnull=True) if number is None else known.filter(sighting__state=number)

    def of_orphans(self, rows: QuerySet[Repeater], _name: str, value: str) -> QuerySet[Repeater]:
        return rows.filter(sighting__isnull=value == YES)
