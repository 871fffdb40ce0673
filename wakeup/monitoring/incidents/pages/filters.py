"""The filters of incidents and of outages: the same for pages, exports and the API (STA-5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _l

from concentrators.companies import companies_of
from concentrators.filters import SearchFilter, SearchFilterSet
from smmeplus.common.lists import ListFilterSet
from wakeup.models import CauseClass, Incident, IncidentScope, Outage, Quality
from wakeup.monitoring.incidents.states import IncidentState, of_state

YES, NO = "yes", "no"
LASTING = "lasting"  # in whatever state, but not over
MINE, NOBODYS = "mine", "nobody"
_LONGEST_KEY = 18  # digits that surely fit


#: A filter by this field tells the API's schema that its values are texts.
A_TEXT = "cause"


class FilledFilter(django_filters.ChoiceFilter):  # type: ignore[misc] # untyped
    """Yes or no: whether ``column`` is filled or, with ``exclude``, whether it is empty."""

    def __init__(self, label: Any, column: str, **kwargs: Any) -> None:
        choices = [(YES, _l("Yes")), (NO, _l("No"))]
        super().__init__(A_TEXT, label=label, choices=choices, empty_label=_l("All"), **kwargs)
        self._column = column

    def filter(self, rows: QuerySet[Any], choice: str) -> QuerySet[Any]:
        if not choice:
            return rows
        is_null = (choice == YES) == self.exclude
        return rows.filter(**{f"{self._column}__isnull": is_null})


class DayFilter(django_filters.DateFilter):  # type: ignore[misc] # untyped
    """A day by UTC, as the times of the list are."""

    def __init__(self, label: Any, method: str) -> None:
        wrong = _l("A date is like 2020-09-24.")
        super().__init__(
            label=label,
            method=method,
            widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            error_messages={"invalid": wrong},
            validators=[MinValueValidator(date(1970, 1, 1), wrong), MaxValueValidator(date(9000, 1, 1), wrong)],
        )


class BeganFilterSet(ListFilterSet):
    """Rows with ``began_at``: those that began from one day to another, both included."""

    from_day = DayFilter(_l("Began from"), "began_from")
    to_day = DayFilter(_l("Began until"), "began_until")

    def began_from(self, rows: QuerySet[Any], _name: str, day: date) -> QuerySet[Any]:
        return rows.filter(began_at__gte=datetime.combine(day, time.min, UTC))

    def began_until(self, rows: QuerySet[Any], _name: str, day: date) -> QuerySet[Any]:
        return rows.filter(began_at__lt=datetime.combine(day + timedelta(days=1), time.min, UTC))


class IncidentFilterSet(BeganFilterSet):
    """Of rows with their ``state_rank``. What is part of another incident is found only where it is asked for."""

    state = django_filters.ChoiceFilter(
        label=_l("State"),
        choices=[(LASTING, _l("not ended")), *IncidentState.choices],
        empty_label=_l("All"),
        method="in_state",
    )
    cause = django_filters.ChoiceFilter(label=_l("Cause"), choices=CauseClass.choices, empty_label=_l("All"))
    scope = django_filters.ChoiceFilter(label=_l("Place"), choices=IncidentScope.choices, empty_label=_l("All"))
    company = django_filters.ChoiceFilter(label=_l("Company"), empty_label=_l("All"))
    planned = FilledFilter(_l("Planned"), "planned")
    owner = django_filters.ChoiceFilter(
        label=_l("Owner"),
        choices=[(MINE, _l("me")), (NOBODYS, _l("nobody"))],
        empty_label=_l("All"),
        field_name=A_TEXT,
        method="of_owner",
    )
    q = django_filters.CharFilter(label=_l("Search"), method="search", widget=forms.TextInput({"type": "search"}))

    class Meta:
        model = Incident
        fields = ["state", "cause", "scope", "company", "planned", "owner", "from_day", "to_day", "q"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))

    @property
    def qs(self) -> Any:
        rows = super().qs
        asked = (self.data.get("state"), *self.several.get("state", ()))
        return rows if IncidentState.MERGED in asked else rows.filter(merged_into=None)

    def in_state(self, rows: QuerySet[Any], _name: str, state: str) -> QuerySet[Any]:
        return rows.filter(ended_at=None) if state == LASTING else of_state(rows, state)

    def of_owner(self, rows: QuerySet[Any], _name: str, choice: str) -> QuerySet[Any]:
        return rows.filter(owner=None) if choice == NOBODYS else rows.filter(owner=self.request.user.pk)

    def search(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """By a part of a place's name, or by the number of an incident."""
        found = Q(feeder__icontains=text) | Q(substation__icontains=text) | Q(carrier__icontains=text)
        number = text.strip().removeprefix("#")
        if number.isascii() and number.isdecimal() and len(number) <= _LONGEST_KEY:
            found |= Q(pk=int(number))
        return rows.filter(found)


class OutageFilterSet(BeganFilterSet, SearchFilterSet):
    """Of the outages of concentrators, over or not, whatever they belong to."""

    concentrator = "concentrator__"
    company = django_filters.ChoiceFilter(label=_l("Company"), empty_label=_l("All"))
    dark = FilledFilter(_l("Still dark"), "ended_at", exclude=True)
    quality = django_filters.ChoiceFilter(label=_l("Quality"), choices=Quality.choices, empty_label=_l("All"))
    cause = django_filters.ChoiceFilter(label=_l("Cause"), choices=CauseClass.choices, empty_label=_l("All"))
    planned = FilledFilter(_l("Planned"), "planned")
    q = SearchFilter(_l("Concentrator name"))

    class Meta:
        model = Outage
        fields = ["company", "dark", "quality", "cause", "planned", "from_day", "to_day", "q"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))


class MemberFilterSet(SearchFilterSet):
    """Of the outages of one incident."""

    concentrator = "concentrator__"
    dark = FilledFilter(_l("Still dark"), "ended_at", exclude=True)
    q = SearchFilter(_l("Concentrator name"))

    class Meta:
        model = Outage
        fields = ["dark", "q"]


class WorkFilterSet(SearchFilterSet):
    """Of single silent concentrators."""

    concentrator = "concentrator__"
    company = django_filters.ChoiceFilter(label=_l("Company"), empty_label=_l("All"))
    cause = django_filters.ChoiceFilter(label=_l("Cause"), choices=CauseClass.choices, empty_label=_l("All"))
    q = SearchFilter(_l("Concentrator name"))

    class Meta:
        model = Outage
        fields = ["company", "cause", "q"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))
