"""Filters by the status of concentrators (STA-1, REP-6)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _l

from concentrators.configuration import figures
from concentrators.configuration.hearing import heard_not_reachable
from concentrators.filters import ConcentratorFilterSet
from concentrators.keys.rights import may_see_keys
from concentrators.models import Configuration, ConfigurationState
from profiles.requests import settings_of
from smmeplus.common.request import now_of
from wakeup.monitoring.status.finding import of_any_reason, of_any_status, of_reason, of_status
from wakeup.monitoring.status.rules import Status, StatusReason, Timing

HEARD_NOT_REACHABLE = (figures.HEARD_NOT_REACHABLE, _l("heard, not reachable"))


class StatusFilter(django_filters.ChoiceFilter):  # type: ignore[misc] # untyped
    """One of the statuses of STA-1, of concentrators or totals; for a FilterSet with ``now`` and ``timing``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_l("Status"), choices=Status.choices, empty_label=_l("All"), **kwargs)

    def filter(self, rows: QuerySet[Any], status: str) -> QuerySet[Any]:
        return of_status(rows, status, self.parent.now, self.parent.timing) if status else rows

    def any_of(self, rows: QuerySet[Any], statuses: Sequence[str]) -> QuerySet[Any]:
        return of_any_status(rows, statuses, self.parent.now, self.parent.timing)


class ReasonFilter(django_filters.ChoiceFilter):  # type: ignore[misc] # untyped
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_l("Reason"), choices=StatusReason.choices, empty_label=_l("All"), **kwargs)

    def filter(self, rows: QuerySet[Any], reason: str) -> QuerySet[Any]:
        return of_reason(rows, reason, self.parent.now, self.parent.timing) if reason else rows

    def any_of(self, rows: QuerySet[Any], reasons: Sequence[str]) -> QuerySet[Any]:
        return of_any_reason(rows, reasons, self.parent.now, self.parent.timing)


class ConfigurationFilter(django_filters.ChoiceFilter):  # type: ignore[misc] # untyped
    """How far writing has got, of concentrators in field; or beside that: heard, not reachable (CFG-1, CFG-3)."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [*ConfigurationState.choices, HEARD_NOT_REACHABLE]
        # The name of the field tells the API's schema that these are texts.
        super().__init__(
            "configuration__state", label=_l("Configuration"), choices=choices, empty_label=_l("All"), **kwargs
        )

    def filter(self, rows: QuerySet[Any], state: str) -> QuerySet[Any]:
        if not state:
            return rows
        if state == HEARD_NOT_REACHABLE[0]:
            return rows.filter(pk__in=Configuration.objects.filter(heard_not_reachable()).values("pk"))
        return rows.filter(configuration__state=state, configuration__profile__isnull=False)


class KeysFilter(django_filters.ChoiceFilter):  # type: ignore[misc] # untyped
    """Whether concentrators have keys of ciphered messages, and what is taken of those that have some (SEC-3)."""

    CHOICES = (
        ("none", _l("none")),
        ("any", _l("with keys")),
        ("ciphered only", _l("ciphered only")),
        ("also plain", _l("with keys, also plain")),
    )

    def __init__(self, **kwargs: Any) -> None:
        # The name of the field tells the API's schema that these are texts.
        name = "device_keys__system_title"
        super().__init__(name, label=_l("Keys"), choices=self.CHOICES, empty_label=_l("All"), **kwargs)

    def filter(self, rows: QuerySet[Any], choice: str) -> QuerySet[Any]:
        if choice in ("none", "any"):
            return rows.filter(device_keys__isnull=choice == "none")
        return rows.filter(device_keys__ciphered_only=choice == "ciphered only") if choice else rows


class InventoryFilterSet(ConcentratorFilterSet):
    """Company, state, profile, status with its reason, configuration, keys, a search: for page and API (API-1).

    Who may not see of a concentrator that it has keys does not find it by them either.
    """

    status = StatusFilter()
    reason = ReasonFilter()
    configuration = ConfigurationFilter()
    keys = KeysFilter()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.request is not None and not may_see_keys(self.request.user):
            del self.filters["keys"]
        self.now = now_of(self.request)

    @cached_property
    def timing(self) -> Timing:
        return Timing.of_page(settings_of(self.request))
