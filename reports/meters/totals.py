"""Numbers of a company's meters that are stored already: totals of lists, and whether the reports agree (MET-4)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.http import HttpRequest

from concentrators.models import (
    ConcentratorMeters,
    ConflictKind,
    MeterConflict,
    MeterKind,
    MeterTally,
    Sighting,
    State,
)
from reports.meters.queries import NO, UNKNOWN, YES, state_of
from smmeplus.common.request import once_a_request


class Tallied(NamedTuple):
    """So many meters of a company in field, of whatever type."""

    company: int
    manufacturer: str
    kind: str
    state: int
    meters: int


def tallied(request: HttpRequest | None, companies: Iterable[int]) -> list[Tallied]:
    """What is tallied of ``companies``, which are those of the user of ``request``; one query a request."""
    return once_a_request(request, "tallied_meters", lambda: _load(companies))


def _load(companies: Iterable[int]) -> list[Tallied]:
    rows = MeterTally.objects.filter(company__in=companies, state__gte=UNKNOWN).order_by("manufacturer")
    names = ("company", "manufacturer", "kind", "state")
    return [Tallied(*row) for row in rows.values_list(*names).annotate(n=Sum("meters")) if row[-1]]


#: Filters of meters in field that the tallies can answer.
_TESTS: Mapping[str, Callable[[Tallied, Any], bool]] = {
    "company": lambda row, key: str(row.company) == str(key),
    "state": lambda row, word: row.state == _number(word),
    "manufacturer": lambda row, name: row.manufacturer == name,
    "supervisors": lambda row, choice: row.kind == _KINDS[choice],
}
_KINDS = {YES: MeterKind.SUPERVISOR, NO: MeterKind.CUSTOMER}


def _number(word: str) -> int:
    number = state_of(word)
    return UNKNOWN if number is None else number


def stored_total(rows: Iterable[Tallied], asked: Mapping[str, Any]) -> int | None:
    """How many meters in field the filters ``asked`` leave; None if that is not tallied. One query at most."""
    wanted = {name: value for name, value in asked.items() if value not in (None, "")}
    choice = wanted.pop("conflict", "")
    if wanted.keys() - _TESTS.keys() or (choice and wanted.keys() - {"company"}):
        return None
    found = sum(row.meters for row in rows if all(_TESTS[name](row, value) for name, value in wanted.items()))
    if not choice:
        return found
    conflicts = _that_count().filter(company__in={row.company for row in rows})
    number = (conflicts.filter(company=wanted["company"]) if "company" in wanted else conflicts).count()
    return number if choice == YES else found - number


def _that_count() -> QuerySet[MeterConflict]:
    return MeterConflict.objects.open().exclude(kind=ConflictKind.STALE).order_by()


@dataclass(frozen=True)
class Reconciliation:
    """How the rows of all lists become distinct meters; each number is read from where it is kept by itself."""

    rows: int  # of the current lists of all concentrators, supervisors among them
    extra: int  # of these those of meters in conflict beyond the first
    removed: int  # of these those that a removed concentrator still has of a meter that is elsewhere
    supervisors: int
    meters: int  # distinct, without supervisors

    @property
    def agrees(self) -> bool:
        return self.rows - self.extra - self.removed - self.supervisors == self.meters


def reconciled(company: int, rows: Iterable[Tallied]) -> Reconciliation:
    """Two queries, and one more if removed concentrators have lists."""
    of_company = [row for row in rows if row.company == company]
    listed, of_removed = _listed(company)
    conflicts = MeterConflict.objects.open().filter(company=company)
    several = conflicts.aggregate(meters=Count("pk"), lists=Sum("lists", default=0))
    return Reconciliation(
        rows=listed,
        extra=several["lists"] - several["meters"],
        removed=_elsewhere(company) if of_removed else 0,
        supervisors=sum(row.meters for row in of_company if row.kind == MeterKind.SUPERVISOR),
        meters=sum(row.meters for row in of_company if row.kind == MeterKind.CUSTOMER),
    )


def _listed(company: int) -> tuple[int, int]:
    """The rows of all current lists, and of these those of removed concentrators."""
    lists = ConcentratorMeters.objects.filter(concentrator__company=company).values("concentrator__state")
    rows = lists.annotate(rows=Sum("meters") + Sum("supervisors")).values_list("concentrator__state", "rows")
    found = dict(rows)
    return sum(found.values()), found.get(State.REMOVED, 0)


def _elsewhere(company: int) -> int:
    """How many rows removed concentrators have of meters that another one lists: no conflict counts them (MET-5)."""
    others = Sighting.objects.filter(meter=OuterRef("meter"), in_list=True).exclude(concentrator__state=State.REMOVED)
    of_removed = Sighting.objects.filter(concentrator__company=company, concentrator__state=State.REMOVED, in_list=True)
    return of_removed.filter(Exists(others)).order_by().count()


def manufacturers(rows: Collection[Tallied]) -> list[str]:
    return list(dict.fromkeys(row.manufacturer for row in rows if row.manufacturer))
