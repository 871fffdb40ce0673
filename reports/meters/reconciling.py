"""Whether the lists, the counts of meters and the master file agree, each number kept by itself (MET-4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from concentrators.models import ConcentratorMeters, Meter, MeterConflict, MeterKind, Sighting, State
from reports.meters.totals import Tallied, meters_of

#: So many meters of the master file are counted, and so many of those that it lacks.
MOST_IN_MASTER = 1_000_000
MOST_LACKING = 10_000


@dataclass(frozen=True)
class Reconciliation:
    """How the rows of all lists become distinct meters, and what these have to do with the master file.

    ``in_master`` and ``lacking`` end one above what is counted at most.
    """

    rows: int  # of the current lists of all concentrators, supervisors among them
    extra: int  # of these those of meters in conflict beyond the first
    removed: int  # of these those that a removed concentrator still has of a meter that is elsewhere
    supervisors: int
    meters: int  # distinct, without supervisors
    in_master: int  # meters of the master file that are not retired
    lacking: int  # meters and supervisors in a list that are not

    @property
    def agrees(self) -> bool:
        return self.rows - self.extra - self.removed - self.supervisors == self.meters

    @property
    def are_many_lacking(self) -> bool:
        return self.lacking > MOST_LACKING

    @property
    def most_lacking(self) -> int:
        return MOST_LACKING

    @property
    def unlisted(self) -> int | None:
        """Meters of the master file that are in no list; None if that takes numbers that are not counted to the end."""
        if self.in_master > MOST_IN_MASTER or self.are_many_lacking:
            return None
        return max(0, self.in_master - (self.meters + self.supervisors - self.lacking))


def reconciled(company: int, tallied: Iterable[Tallied]) -> Reconciliation:
    """One query."""
    of_company = [row for row in tallied if row.company == company]
    lists = ConcentratorMeters.objects.filter(concentrator__company=company)
    conflicts = MeterConflict.objects.open().filter(company=company).order_by()
    meters = Meter.objects.filter(company=company).order_by()
    lacking = meters.filter(Q(in_master_since__isnull=True) | Q(retired_at__isnull=False)).filter(Exists(_chosen()))
    in_master = meters.filter(in_master_since__isnull=False, retired_at__isnull=True)
    rows, extra, removed, of_master, not_of_master = _sums(
        lists.annotate(n=F("meters") + F("supervisors")),
        conflicts.annotate(n=F("lists") - 1),
        _elsewhere(company),
        in_master[: MOST_IN_MASTER + 1],
        lacking[: MOST_LACKING + 1],
    )
    return Reconciliation(
        rows,
        extra,
        removed,
        supervisors=sum(row.meters for row in of_company if row.kind == MeterKind.SUPERVISOR),
        meters=meters_of(company, of_company),
        in_master=of_master,
        lacking=not_of_master,
    )


def _chosen() -> QuerySet[Sighting]:
    return Sighting.objects.filter(meter=OuterRef("pk"), chosen=True)


def _elsewhere(company: int) -> QuerySet[Sighting]:
    """The rows that removed concentrators have of meters that another one lists: no conflict counts them (MET-5)."""
    others = Sighting.objects.filter(meter=OuterRef("meter"), in_list=True).exclude(concentrator__state=State.REMOVED)
    of_removed = Sighting.objects.filter(concentrator__company=company, concentrator__state=State.REMOVED)
    return of_removed.filter(Exists(others), in_list=True).order_by()


def _sums(*querysets: QuerySet[Any]) -> list[int]:
    """Of each, none of which is sorted, the sum of its ``n`` or the number of its rows; all in one query."""
    parts, values = list[str](), list[Any]()
    for rows in querysets:
        has_numbers = "n" in rows.query.annotations
        sql, parameters = rows.values("n" if has_numbers else "pk").query.sql_with_params()
        parts.append(f"(SELECT {'coalesce(sum(n), 0)' if has_numbers else 'count(*)'} FROM ({sql}) AS part)")  # noqa: S608
        values += parameters
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        return [int(number) for number in cursor.fetchone()]
