"""How many meters a company has in field, as it is stored already: totals of lists (MET-4)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

from django.db.models import QuerySet, Sum
from django.http import HttpRequest

from concentrators.models import (
    ConflictKind,
    MeterConflict,
    MeterKind,
    MeterTally,
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


_KINDS = {YES: MeterKind.SUPERVISOR, NO: MeterKind.CUSTOMER}
#: Filters of meters in field that the tallies can answer.
_TESTS: Mapping[str, Callable[[Tallied, Any], bool]] = {
    "company": lambda row, key: str(row.company) == str(key),
    "state": lambda row, word: row.state == _number(word),
    "manufacturer": lambda row, name: row.manufacturer == name,
    "supervisors": lambda row, choice: row.kind == _KINDS[choice],
}


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


def meters_of(company: int, rows: Iterable[Tallied]) -> int:
    """The distinct meters of ``company``, without supervisors."""
    return sum(row.meters for row in rows if row.company == company and row.kind == MeterKind.CUSTOMER)


def manufacturers(rows: Collection[Tallied]) -> list[str]:
    return list(dict.fromkeys(row.manufacturer for row in rows if row.manufacturer))
