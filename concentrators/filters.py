"""Filters of concentrators: the same for pages, choices and exports."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _l

from concentrators.companies import companies_of
from concentrators.models import Concentrator, ConcentratorType, State
from profiles.models import SpontaneousProfile
from smmeplus.common.lists import ListFilterSet


def matching(concentrators: QuerySet[Concentrator], text: str) -> QuerySet[Concentrator]:
    text = text.strip()
    if not text:
        return concentrators
    return concentrators.filter(
        Q(serial_number__contains=text.upper())
        | Q(type__in=ConcentratorType.objects.filter(name__icontains=text))
        | Q(manufacturer__icontains=text)
        | Q(substation__icontains=text)
        | Q(feeder__icontains=text)
    )


class ConcentratorFilterSet(ListFilterSet):
    company = django_filters.ChoiceFilter(label=_l("Company"), empty_label=_l("All"))
    state = django_filters.ChoiceFilter(label=_l("State"), choices=State.choices, empty_label=_l("All"))
    profile = django_filters.ChoiceFilter(label=_l("Spontaneous profile"), empty_label=_l("All"))
    region = django_filters.CharFilter(label=_l("Region"), lookup_expr="icontains")
    carrier = django_filters.CharFilter(label=_l("Carrier"), lookup_expr="icontains")
    q = django_filters.CharFilter(label=_l("Search"), method="search", widget=forms.TextInput({"type": "search"}))

    class Meta:
        model = Concentrator
        fields = ["company", "state", "profile", "region", "carrier", "q"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))
        self.offer("profile", SpontaneousProfile.objects.all())

    def search(self, concentrators: QuerySet[Concentrator], _name: str, text: str) -> QuerySet[Concentrator]:
        return matching(concentrators, text)
