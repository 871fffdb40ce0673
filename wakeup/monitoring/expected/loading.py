"""Loads what concentrators were to send: for a page, a list, a map and the API alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db.models import BooleanField, F, QuerySet, SmallIntegerField, Value

from concentrators.models import Assignment, OutOfService
from wakeup.monitoring.expected.rules import AssignedSpan, Expectation, OutOfServiceSpan


def expectations(assignments: QuerySet[Assignment], outs: QuerySet[OutOfService]) -> Mapping[int, Expectation]:
    """What the concentrators of ``assignments`` and ``outs`` were to send, by key; any other was to send nothing.

    One query for both: a page of a list must not take 10 (UI-4).
    """
    rows = _rows(assignments, F("period_min"), is_out=False)
    rows = rows.union(_rows(outs, Value(None, SmallIntegerField()), is_out=True), all=True)
    found: dict[int, Expectation] = defaultdict(Expectation)
    for key, begin, end, minutes, is_out in rows.order_by("begin"):
        if is_out:
            found[key].outs.append(OutOfServiceSpan(begin, end))
        else:
            found[key].assigned.append(AssignedSpan.in_minutes(begin, end, minutes))
    return found


def _rows(spans: QuerySet[Any], minutes: F | Value, *, is_out: bool) -> QuerySet[Any, Any]:
    kind = Value(is_out, BooleanField())
    return spans.order_by().values_list("concentrator", "begin", "end", minutes, kind)
