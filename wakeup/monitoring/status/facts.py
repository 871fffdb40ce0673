"""The status of rows that are known, such as those of a page, by the pure function of `rules.py` (PER-4).

A query that filters or sorts by status needs it as SQL, which `sql.py` writes. To load what the status of a page's
rows follows from, and to work it out here, takes a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Greatest

from concentrators.models import Assignment, Concentrator, OutOfService
from wakeup.monitoring.expected.loading import expectations
from wakeup.monitoring.expected.rules import Expectation
from wakeup.monitoring.status.rules import Facts, Timing, status_of
from wakeup.monitoring.status.sql import silences


def rows_with_status(rows: Iterable[Concentrator], now: datetime, timing: Timing) -> list[Any]:
    """``rows``, loaded with profile and total, with what :func:`.sql.with_status` annotates, at ``now``; one query."""
    found: list[Any] = list(rows)
    lasting = _lasting([row.pk for row in found], now)
    for row in found:
        row.status, row.status_since, row.due_at, row.status_reason = status_of(
            Facts.of(row, lasting[row.pk]), now, timing
        )
    return found


def _lasting(keys: Collection[int], now: datetime) -> Mapping[int, Expectation]:
    """What decides about the concentrators ``keys``: what was not over when the silence of each began.

    What was over before does not count, however much of it there is.
    """
    # A subquery for each row, by two primary keys: for a join PostgreSQL reads all concentrators from some 200 keys on.
    # Last of the alternatives, it is not asked about what lasts, which is nearly everything.
    began = Greatest(*silences(F("installed_at"), F("total__last_wakeup_at")))
    silent_since = Subquery(Concentrator.objects.filter(pk=OuterRef("concentrator")).order_by().values(began=began))
    lasting = Q(end__gt=silent_since)
    return expectations(
        Assignment.objects.filter(Q(end__isnull=True) | lasting, concentrator__in=keys),
        OutOfService.objects.filter(Q(end__gt=now) | lasting, concentrator__in=keys),
    )
