"""The status of rows that are known, such as those of a page, by the pure function of `rules.py` (PER-4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F

from concentrators.models import Concentrator, OutOfService
from concentrators.procedures.due import effective
from wakeup.monitoring.expected.rules import OutOfServiceSpan
from wakeup.monitoring.status.rules import Facts, Timing, status_of

#: What rows have to be loaded with.
RELATED = ("profile", "total", "watch")


def rows_with_status(rows: Iterable[Concentrator], now: datetime, timing: Timing) -> list[Any]:
    """``rows``, loaded with RELATED, with what :func:`.sql.with_status` annotates, at ``now``.

    At most one more query, and only if one of them has been out of service since its last wake-up.
    """
    found: list[Any] = list(rows)
    outs = outs_of([row.pk for row in found if _may_be_out(Facts.of(row, ()), row)])
    for row in found:
        row.status, row.status_since, row.due_at, row.status_reason = status_of(
            Facts.of(row, outs.get(row.pk, ())), now, timing
        )
    return found


def outs_of(keys: Sequence[int]) -> Mapping[int, Sequence[OutOfServiceSpan]]:
    """The times out of service of the concentrators ``keys``, from when they count; no query for none."""
    found: dict[int, list[OutOfServiceSpan]] = defaultdict(list)
    if keys:
        rows = effective(OutOfService.objects.filter(concentrator__in=keys)).filter(counts_from__lt=F("end"))
        for key, begin, end in rows.order_by("begin").values_list("concentrator", F("counts_from"), "end"):
            found[key].append(OutOfServiceSpan(begin, end))
    return found


def _may_be_out(facts: Facts, row: Any) -> bool:
    """Whether it was out of service at some time that counts."""
    watch = getattr(row, "watch", None)
    return bool(watch and watch.outs_until and facts.silent_from)
