"""Planned works with what lists say of them: how far they are, their next time, how many concentrators they cover."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from concentrators.models import AnyUser, Concentrator, PlannedScope, PlannedWindow, PlannedWork, State
from concentrators.planned.wording import PlannedState
from concentrators.planned.works import place_of
from concentrators.procedures.planned import Place

#: In this order by default: what lasts is what matters, then what comes.
ORDER = (PlannedState.NOW, PlannedState.COMING, PlannedState.OVER, PlannedState.CANCELLED)


def works_to_show(user: AnyUser) -> QuerySet[PlannedWork]:
    """What ``user`` sees, with all that it is described by."""
    return PlannedWork.objects.visible_to(user).select_related("company", "concentrator", "set_by")


def with_state(works: QuerySet[PlannedWork], now: datetime) -> QuerySet[Any]:
    """``works`` with their ``state``, ``rank``, its place in ORDER, and ``from_at`` and ``to_at``: of the time that
    lasts, comes next or was last."""
    windows = PlannedWindow.objects.filter(work=OuterRef("pk"))
    to_come = windows.filter(end__gt=now).order_by("begin", "pk")
    gone = windows.filter(end__lte=now).order_by("-end", "pk")
    next_begin = Subquery(to_come.values("begin")[:1])
    known = works.annotate(
        next_begin=next_begin,
        from_at=Coalesce(F("next_begin"), Subquery(gone.values("begin")[:1]), "begin"),
        to_at=Coalesce(Subquery(to_come.values("end")[:1]), Subquery(gone.values("end")[:1]), "end"),
        rank=Case(
            When(cancelled_at__isnull=False, then=_rank(PlannedState.CANCELLED)),
            When(next_begin__lte=now, then=_rank(PlannedState.NOW)),
            When(next_begin__gt=now, then=_rank(PlannedState.COMING)),
            default=_rank(PlannedState.OVER),
            output_field=IntegerField(),
        ),
    )
    names = (When(rank=rank, then=Value(state.value)) for rank, state in enumerate(ORDER))
    return known.annotate(state=Case(*names, output_field=CharField()))


def _rank(state: PlannedState) -> Value:
    return Value(ORDER.index(state))


def state_of(work: Any) -> PlannedState:
    """Of a work ``with_state``."""
    return PlannedState(work.state)


def covered_counts(works: Iterable[PlannedWork]) -> dict[Place, int]:
    """How many concentrators in field each of ``works`` covers, by its place. One query, or none."""
    places = {place_of(work) for work in works}
    wide = [place for place in places if place.scope != PlannedScope.CONCENTRATOR]
    single = {place.concentrator_id for place in places if place.scope == PlannedScope.CONCENTRATOR}
    if not places:
        return {}
    field = Concentrator.objects.filter(_near(wide) | Q(pk__in=single), state=State.IN_FIELD).order_by()
    groups = field.values_list("company", "substation", "feeder", _single(single)).annotate(n=Count("pk"))
    found: Counter[Place] = Counter()
    for company, substation, feeder, one, number in groups:
        for place in _of(company, substation, feeder, one) & places:
            found[place] += number
    return {place: found[place] for place in places}


def _single(keys: Collection[int | None]) -> Case:
    """The key of those that are covered alone, so that they are groups of their own."""
    return Case(When(pk__in=keys, then=F("pk")), default=None, output_field=IntegerField())


def _near(places: Iterable[Place]) -> Q:
    """All that may lie in one of ``places``, by names that the database looks up: few conditions, not one for each."""
    names: dict[str, dict[int, set[str]]] = {"substation": {}, "feeder": {}}
    found = Q(pk__in=[])
    for place in places:
        if place.scope == PlannedScope.COMPANY:
            found |= Q(company=place.company_id)
        elif place.scope == PlannedScope.FEEDER:
            names["feeder"].setdefault(place.company_id, set()).add(place.feeder)
        else:
            names["substation"].setdefault(place.company_id, set()).add(place.substation)
    for name, by_company in names.items():
        for company, values in by_company.items():
            found |= Q(**{"company": company, f"{name}__in": values})
    return found


def _of(company: int, substation: str, feeder: str, one: int | None) -> set[Place]:
    """All places that a concentrator there lies in."""
    return {
        Place(company, PlannedScope.COMPANY),
        Place(company, PlannedScope.SUBSTATION, substation),
        Place(company, PlannedScope.FEEDER, "", feeder),
        Place(company, PlannedScope.FEEDER, substation, feeder),
        Place(company, PlannedScope.CONCENTRATOR, concentrator_id=one),
    }
