"""Records when concentrators were in field, and with which wake-up period (REP-7, STA-2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Case, DateTimeField, F, Q, QuerySet, Value, When
from django.db.models.fields import PositiveSmallIntegerField
from django.db.models.functions import Greatest

from concentrators.models import Assignment, Concentrator, State
from smmeplus.common.chunks import in_keys

_COLUMNS = ("concentrator_id", "begin", "period_min", "end")
_NO_PERIOD = Value(None, PositiveSmallIntegerField())
_NO_END = Value(None, DateTimeField())
#: The open assignment no longer fits its concentrator.
_OUTDATED = (
    ~Q(concentrator__state=State.IN_FIELD)
    | Q(concentrator__profile__wakeup_enabled=False, period_min__isnull=False)
    | Q(concentrator__profile__wakeup_enabled=True)
    & (Q(period_min__isnull=True) | ~Q(period_min=F("concentrator__profile__wakeup_period")))
)


def sync_assignments(
    concentrators: QuerySet[Concentrator], now: datetime, *, keys: Sequence[int] | None = None, are_new: bool = False
) -> None:
    """Close and open assignments so that they fit what ``concentrators`` are now, within the caller's transaction.

    A new profile with the same period changes nothing, because the same wake-ups are expected. Pass at most a few
    thousand at a time. They are selected by a list of keys, not by a subquery: the database has no statistics yet on
    rows inserted in the same transaction, and would read the whole table for each of them.
    """
    if keys is None:
        keys = list(concentrators.order_by().values_list("pk", flat=True))
    if not are_new:
        open_ones = Assignment.objects.filter(in_keys(keys, "concentrator"), end__isnull=True)
        # The clocks of two web hosts may differ, and no assignment ends before it begins.
        open_ones.filter(_OUTDATED).update(end=Greatest(F("begin"), Value(now, DateTimeField())))
    _open(Concentrator.objects.filter(in_keys(keys)), now, are_new=are_new)


def _open(concentrators: QuerySet[Concentrator], now: datetime, *, are_new: bool) -> None:
    """Open an assignment for those in field that have none open; the unique index skips the others."""
    period = Case(When(profile__wakeup_enabled=True, then=F("profile__wakeup_period")), default=_NO_PERIOD)
    rows = (
        concentrators.filter(state=State.IN_FIELD)
        .order_by("pk")
        .values_list("pk", Value(now, DateTimeField()), period, _NO_END)
    )
    select, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        columns = ", ".join(connection.ops.quote_name(column) for column in _COLUMNS)
        table = Assignment._meta.db_table
        conflict = "" if are_new else "ON CONFLICT DO NOTHING"  # which takes a third longer
        cursor.execute(f"INSERT INTO {table} ({columns}) {select} {conflict}", parameters)
