"""The status of rows that are known, such as those of a page, by the pure function of `rules.py` (PER-4).

A query that filters or sorts by status needs it as SQL, which `sql.py` writes. To load what the status
of the rows of a page follows from, along with them, and to judge it here takes a fraction of the time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import JSONArray
from django.db.models.sql.compiler import SQLCompiler

from concentrators.models import Assignment, Concentrator, OutOfService
from wakeup.monitoring.expected.rules import Expectation, Out, Stretch
from wakeup.monitoring.status.rules import Facts, Timing, judge
from wakeup.monitoring.status.sql import silent_since


def with_facts(concentrators: QuerySet[Concentrator], now: datetime) -> QuerySet[Any]:
    """Load with each what :func:`judged` needs at ``now``, in the same query and so of the same instant.

    Of its stretches in field and times out of service only those that were not over when its silence began: what was
    over before does not decide, however much of it there is.
    """
    lasting = Q(end__gt=OuterRef("silence"))
    stretches = Assignment.objects.filter(lasting | Q(end__isnull=True), concentrator=OuterRef("pk"))
    outs = OutOfService.objects.filter(lasting | Q(end__gt=now), concentrator=OuterRef("pk"))
    return (
        concentrators.select_related("profile", "total")
        .alias(silence=silent_since())
        .annotate(
            lasting_stretches=_Gathered(stretches.order_by().values(of=JSONArray("begin", "end", "period_min"))),
            lasting_outs=_Gathered(outs.order_by().values(of=JSONArray("begin", "end"))),
        )
    )


def judged(rows: Iterable[Concentrator], now: datetime, timing: Timing) -> list[Any]:
    """``rows`` of :func:`with_facts` with what :func:`.sql.with_status` annotates, at ``now``."""
    found: list[Any] = list(rows)
    for row in found:
        judgement = judge(Facts.of(row, _expectation(row)), now, timing)
        row.status, row.status_since, row.due_at, row.status_reason = judgement
    return found


def _expectation(row: Any) -> Expectation:
    stretches = [
        Stretch.in_minutes(_moment(begin), end and _moment(end), minutes)
        for begin, end, minutes in json.loads(row.lasting_stretches or "[]")
    ]
    outs = [Out(_moment(begin), _moment(end)) for begin, end in json.loads(row.lasting_outs or "[]")]
    return Expectation(sorted(stretches, key=lambda one: one.begin), outs)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # SQLite keeps times in UTC and does not say so


class _Gathered(Subquery):
    """The values of a query of one column, called ``of``, as one JSON array in words; null or empty without any."""

    output_field = TextField()
    template = "(SELECT JSONB_AGG(gathered.of)::text FROM (%(subquery)s) gathered)"

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        template = "(SELECT JSON_GROUP_ARRAY(JSON(gathered.of)) FROM (%(subquery)s) gathered)"
        return self.as_sql(compiler, connection, template=template, **context)
