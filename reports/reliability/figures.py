"""A company's month in figures, for its page, its files, its mail and the API alike (STA-6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from django.utils.text import slugify

from concentrators.models import Company
from reports.reliability.indices import POWER, UNDECIDED, Group, Indices
from reports.reliability.months import Month, Span
from reports.reliability.queries import Place, Served, figures_of, worst_places
from wakeup.models.incidents import CauseClass


class Scope(StrEnum):
    """Which interruptions an index is of."""

    UNPLANNED = "unplanned"
    PLANNED = "planned"
    ALL = "all"
    UNDECIDED = "undecided"


class Figures(NamedTuple):
    """All that a month's figures are made of, but for its concentrators."""

    groups: list[Group]
    served: Served
    places: list[Place]

    @classmethod
    def computed(cls, company: Company, span: Span) -> Self:
        return cls(*figures_of(company, span), worst_places(company, span))

    @classmethod
    def unpacked(cls, stored: Mapping[str, Any]) -> Self:
        groups = [Group(*row) for row in stored["groups"]]
        return cls(groups, Served(*stored["served"]), [Place(*row) for row in stored["places"]])

    def packed(self) -> dict[str, Any]:
        """As JSON gives it back."""
        return {
            "groups": [list(group) for group in self.groups],
            "served": list(self.served),
            "places": [list(place) for place in self.places],
        }


@dataclass(frozen=True)
class MonthReport:
    """``month`` of ``company`` in its zone, as it is known at ``now``: computed, or as it was ``stored`` then."""

    company: Company
    month: Month
    now: datetime
    stored: Figures | None = None

    @property
    def zone(self) -> ZoneInfo:
        return self.company.zone

    @property
    def span(self) -> Span:
        return self.month.span(self.zone, self.now)

    @cached_property
    def _figures(self) -> tuple[list[Group], Served]:
        if self.stored is not None:
            return self.stored.groups, self.stored.served
        return figures_of(self.company, self.span)

    @property
    def groups(self) -> list[Group]:
        """All outages of the month, of any cause."""
        return self._figures[0]

    @property
    def served(self) -> Served:
        return self._figures[1]

    @cached_property
    def places(self) -> list[Place]:
        return worst_places(self.company, self.span) if self.stored is None else self.stored.places

    @property
    def indices(self) -> Mapping[Scope, Indices]:
        """Of power alone. *Undecided* says what those outages would add if they were of power."""
        power = self.of_cause(POWER)
        groups = {
            Scope.UNPLANNED: [group for group in power if not group.is_planned],
            Scope.PLANNED: [group for group in power if group.is_planned],
            Scope.ALL: power,
            Scope.UNDECIDED: self.of_cause(UNDECIDED),
        }
        return {scope: Indices(self.served.customers, of_scope) for scope, of_scope in groups.items()}

    def of_cause(self, cause: str) -> list[Group]:
        return [group for group in self.groups if group.cause == cause]

    @property
    def by_cause(self) -> Mapping[CauseClass, list[Group]]:
        return {cause: self.of_cause(cause) for cause in CauseClass}

    @property
    def file_name(self) -> str:
        """What its files are called, without their endings."""
        return f"reliability-{slugify(self.company.name) or self.company.pk}-{self.month}"
