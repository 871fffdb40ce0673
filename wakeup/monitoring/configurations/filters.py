"""Filters of configurations: for the page, its exports and the API (CFG-3, REP-6)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Case, F, Q, QuerySet, When
from django.utils.translation import gettext_lazy as _l

from concentrators.companies import companies_of, profiles_of
from concentrators.configuration.hearing import heard_not_reachable
from concentrators.filters import SearchFilterSet
from concentrators.models import AnyUser, Configuration, ConfigurationState, Failure
from wakeup.monitoring.status.filters import HEARD_NOT_REACHABLE


def configurations_to_show(user: AnyUser) -> QuerySet[Any]:
    """Those that ``user`` may see, with since when each is heard and not reachable; None where it is not so."""
    since = Case(When(heard_not_reachable(), then=F("unreachable_since")))
    rows = Configuration.objects.visible_to(user).select_related("profile", "concentrator__company")
    return rows.annotate(heard_not_reachable_since=since)


class ConfigurationFilterSet(SearchFilterSet):
    """Company, state, reason, profile, a search of the concentrator."""

    concentrator = "concentrator__"
    company = django_filters.ChoiceFilter(
        label=_l("Company"), field_name="concentrator__company", empty_label=_l("All")
    )
    state = django_filters.ChoiceFilter(
        label=_l("State"),
        choices=[*ConfigurationState.choices, HEARD_NOT_REACHABLE],
        method="of_state",
        empty_label=_l("All"),
    )
    reason = django_filters.ChoiceFilter(
        label=_l("Reason"), field_name="failure", choices=Failure.choices, empty_label=_l("All")
    )
    profile = django_filters.ChoiceFilter(label=_l("Spontaneous profile"), empty_label=_l("All"))

    class Meta:
        model = Configuration
        fields = ["company", "state", "reason", "profile", "q"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))
        self.offer("profile", profiles_of(self.request))

    def of_state(self, rows: QuerySet[Configuration], _name: str, state: str) -> QuerySet[Configuration]:
        return rows.filter(heard_not_reachable() if state == HEARD_NOT_REACHABLE[0] else Q(state=state))
