"""Filters of concentrators: the same for pages, choices and exports."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _l

from concentrators.companies import companies_of, profiles_of
from concentrators.finding import has_text, matching, not_found
from concentrators.models import Concentrator, State
from smmeplus.common.lists import ListFilterSet

__all__ = ["ConcentratorFilterSet", "PlaceFilter", "SearchFilter", "SearchFilterSet", "matching"]


class SearchFilter(django_filters.CharFilter):  # type: ignore[misc] # untyped
    """A search by :func:`matching`, for a SearchFilterSet."""

    def __init__(self, label: Any = None) -> None:
        hint = {"type": "search", "placeholder": _l("Serial numbers, IP, place")}
        super().__init__(label=label or _l("Search"), widget=forms.TextInput(hint))

    def filter(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        return matching(rows, text, self.parent.concentrator)


class SearchFilterSet(ListFilterSet):
    """A FilterSet with a search of concentrators, which says what of a pasted list it did not find."""

    concentrator = ""  # the path from a row to its concentrator, such as ``concentrator__``
    q = SearchFilter()

    @property
    def not_found(self) -> str:
        text = "" if self.form.errors.get("q") else self.data.get("q", "")
        return not_found(self.qs, text, self.concentrator)


class PlaceFilter(django_filters.CharFilter):  # type: ignore[misc] # untyped
    """A part of a place, which is one of the texts that are searched: by their index, as it has none of its own."""

    def __init__(self, label: Any) -> None:
        super().__init__(label=label, lookup_expr="icontains")

    def filter(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        found: QuerySet[Any] = super().filter(rows, text)
        return found.filter(has_text(text)) if text else found


class ConcentratorFilterSet(SearchFilterSet):
    company = django_filters.ChoiceFilter(label=_l("Company"), empty_label=_l("All"))
    state = django_filters.ChoiceFilter(label=_l("State"), choices=State.choices, empty_label=_l("All"))
    profile = django_filters.ChoiceFilter(label=_l("Spontaneous profile"), empty_label=_l("All"))
    region = PlaceFilter(_l("Region"))
    carrier = django_filters.CharFilter(label=_l("Carrier"), lookup_expr="icontains")

    class Meta:
        model = Concentrator
        fields = ["company", "state", "profile", "region", "carrier", "q"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))
        self.offer("profile", profiles_of(self.request))
