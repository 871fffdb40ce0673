"""What planned work covers, and when (STA-8): for all who have to know whether darkness was expected.

A time of planned work includes its beginning but not its end. What was cancelled counts until it was cancelled, so that
what happened before that stays explained.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import F, Q, QuerySet

from concentrators.models import Concentrator, PlannedScope, PlannedWindow, State


@dataclass(frozen=True, slots=True)
class Place:
    """What a planned work covers. What its scope does not name is empty, None for the concentrator.

    A feeder of an empty substation is that feeder of every substation of the company: some name their feeders alone.
    """

    company_id: int
    scope: str
    substation: str = ""
    feeder: str = ""
    concentrator_id: int | None = None

    def covered(self) -> Q:
        """Which concentrators lie in it, whatever their state."""
        company = Q(company=self.company_id)
        if self.scope == PlannedScope.COMPANY:
            return company
        if self.scope == PlannedScope.SUBSTATION:
            return company & Q(substation=self.substation)
        if self.scope == PlannedScope.FEEDER:
            substation = Q(substation=self.substation) if self.substation else Q()
            return company & substation & Q(feeder=self.feeder)
        return company & Q(pk=self.concentrator_id)

    def in_field(self) -> QuerySet[Concentrator]:
        """The concentrators in it that can become dark."""
        return Concentrator.objects.filter(self.covered(), state=State.IN_FIELD)


class CoveredTime(NamedTuple):
    """A time of planned work, and what it covers. ``end`` is when it was cancelled, if that came first."""

    window_id: int
    work_id: int
    title: str
    place: Place
    begin: datetime
    end: datetime


class _Span(NamedTuple):
    end: datetime
    begin: datetime
    window_id: int


class PlannedIndex:
    """The times of planned work that touch some span of time, by place."""

    def __init__(self, spans: Iterable[tuple[Place, _Span]] = ()) -> None:
        found: dict[Place, list[_Span]] = defaultdict(list)
        for place, span in spans:
            found[place].append(span)
        self._spans = {place: sorted(of, key=lambda one: (-one.end.timestamp(), one[2])) for place, of in found.items()}

    def of(self, company_id: int, substation: str, feeder: str, concentrator_id: int, at: datetime) -> int | None:
        """The key of the PlannedWindow that covers this concentrator at ``at``: of several the one that ends last."""
        one = Place(company_id, PlannedScope.CONCENTRATOR, concentrator_id=concentrator_id)
        feeders = _feeders(company_id, {substation, ""}, feeder)
        return self._last(at, [one, *feeders, *_substation(company_id, substation), _company(company_id)])

    def of_place(self, company_id: int, substation: str, feeder: str, at: datetime) -> int | None:
        """The same for all of a feeder (of any substation if that is empty), a substation, or a company (both empty).

        Work on a part of the place does not cover it.
        """
        feeders = _feeders(company_id, {substation, ""}, feeder)
        return self._last(at, [*feeders, *_substation(company_id, substation), _company(company_id)])

    def _last(self, at: datetime, places: Iterable[Place]) -> int | None:
        found = [span for place in places if (span := self._at(place, at))]
        return min(found, key=lambda one: (-one.end.timestamp(), one.window_id)).window_id if found else None

    def _at(self, place: Place, at: datetime) -> _Span | None:
        return next((span for span in self._spans.get(place, ()) if span.begin <= at < span.end), None)


def windows_between(begin: datetime, end: datetime) -> PlannedIndex:
    """All times of planned work that touch ``begin`` to ``end``, both included. One query."""
    touching = PlannedWindow.objects.filter(end__gt=begin, begin__lte=end)
    in_force = Q(work__cancelled_at=None) | Q(work__cancelled_at__gt=begin)
    rows = _rows(touching.filter(in_force))
    return PlannedIndex((row.place, _Span(row.end, row.begin, row.window_id)) for row in rows)


def ended_between(begin: datetime, end: datetime) -> list[CoveredTime]:
    """The times of planned work that ended after ``begin`` and not after ``end``, in that order.

    Cancelling ends a time that lasts. Another time may go on in the same place: ask :meth:`PlannedIndex.of` at the end.
    """
    ended = PlannedWindow.objects.filter(end__gt=begin, end__lte=end).order_by("end", "pk")
    return list(_rows(ended.filter(Q(work__cancelled_at=None) | Q(work__cancelled_at__gte=F("end")))))


def planned_for(concentrator: Concentrator, now: datetime, most: int = 5) -> list[PlannedWindow]:
    """The times of planned work that cover ``concentrator`` now or later, the next ones, with their work. One query."""
    place = Q(work__scope=PlannedScope.COMPANY)
    place |= Q(work__scope=PlannedScope.CONCENTRATOR, work__concentrator=concentrator)
    if concentrator.substation:
        place |= Q(work__scope=PlannedScope.SUBSTATION, work__substation=concentrator.substation)
    if concentrator.feeder:
        substations = ["", concentrator.substation]
        place |= Q(work__scope=PlannedScope.FEEDER, work__feeder=concentrator.feeder, work__substation__in=substations)
    to_come = PlannedWindow.objects.filter(place, work__company=concentrator.company_id, end__gt=now)
    in_force = to_come.filter(work__cancelled_at=None).select_related("work")
    return list(in_force.order_by("begin", "pk")[:most])


def _rows(windows: QuerySet[PlannedWindow]) -> Iterator[CoveredTime]:
    names = ("pk", "work", "work__title", "begin", "end", "work__cancelled_at")
    place = ("work__company", "work__scope", "work__substation", "work__feeder", "work__concentrator")
    for pk, work_id, title, begin, end, cancelled_at, *of in windows.values_list(*names, *place):
        yield CoveredTime(pk, work_id, title, Place(*of), begin, min(end, cancelled_at or end))


def _feeders(company_id: int, substations: Iterable[str], feeder: str) -> list[Place]:
    return [Place(company_id, PlannedScope.FEEDER, name, feeder) for name in substations] if feeder else []


def _substation(company_id: int, substation: str) -> list[Place]:
    return [Place(company_id, PlannedScope.SUBSTATION, substation)] if substation else []


def _company(company_id: int) -> Place:
    return Place(company_id, PlannedScope.COMPANY)
