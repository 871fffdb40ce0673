"""How many concentrators have which status, in the API: the figures of the first page, by company (UI-2, STA-1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _l
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from concentrators.companies import companies_of
from concentrators.models import Company, Concentrator, State
from profiles.requests import settings_of
from smmeplus.common.api.computed import ComputedList, Key
from smmeplus.common.lists import ListFilterSet
from smmeplus.common.request import now_of
from wakeup.monitoring.status.finding import counts_by_company
from wakeup.monitoring.status.rules import WORST_FIRST, Status, Timing


class CompanyFilters(ListFilterSet):
    company = django_filters.ChoiceFilter(label=_l("Company"), field_name="id")

    class Meta:
        model = Company
        fields = ["company"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))


class StatusCountSerializer(serializers.Serializer):
    """How many concentrators in field of a company have a status."""

    company = serializers.IntegerField()
    status = serializers.ChoiceField(Status.choices)
    concentrators = serializers.IntegerField()


@extend_schema_view(list=extend_schema(summary="Concentrators by company and status"))
class ConcentratorCounts(ComputedList):
    """A row for each company and status, the worst status first, also where there is none of it.

    Only what is in field has a status. The rows of a company add up to what it has in field, without canaries.
    """

    permission = "concentrators.view_concentrator"
    queryset = Company.objects.all()
    serializer_class = StatusCountSerializer
    filterset_class = CompanyFilters

    def get_queryset(self) -> QuerySet[Any]:
        return Company.objects.visible_to(self.request.user)

    def keys(self, queryset: QuerySet[Any]) -> list[Key]:
        companies = queryset.values_list("pk", flat=True)
        return [(company, place) for company in companies for place in range(len(WORST_FIRST))]

    def rows(self, keys: Sequence[Key]) -> list[Any]:
        shown = Concentrator.objects.filter(company__in={company for company, _place in keys})
        in_field = shown.of_the_field().filter(state=State.IN_FIELD)
        counts = counts_by_company(in_field, now_of(self.request), Timing.of_page(settings_of(self.request)))
        return [
            {"company": company, "status": status, "concentrators": counts.get((company, status), 0)}
            for company, place in keys
            for status in [WORST_FIRST[place].value]
        ]
