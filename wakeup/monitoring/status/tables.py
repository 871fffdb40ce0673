"""Tables of concentrators with the status of each (STA-1, REP-6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.db.models import PositiveSmallIntegerField, QuerySet, Value
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django_tables2.rows import BoundRows

from concentrators.models import Concentrator
from smmeplus.common.lists import ListTable
from smmeplus.common.wording.durations import in_words
from wakeup.monitoring.status.advice import what_to_do
from wakeup.monitoring.status.facts import RELATED, rows_with_status
from wakeup.monitoring.status.finding import Suspect, with_quick_status, worst_of
from wakeup.monitoring.status.rules import Status, StatusReason, Timing
from wakeup.monitoring.status.sql import COLUMNS, with_status

#: Columns of a table that are sorted by the status, and by which of its columns in SQL.
STATUS_COLUMNS: Mapping[str, str] = {
    "status": "status_rank",
    "reason": "status_reason",
    "status_since": "shown_since",
}

_QUICK = (["status_rank"], ["status_reason"])


class StatusColumn(tables.Column):  # type: ignore[misc] # untyped
    """Sorted by how bad it is: ascending shows the worst first."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(order_by="status_rank", **kwargs)


class StatusTable(ListTable):
    """Concentrators with their status at ``now``, which a column *status* shows.

    Its page is found by the keys first, and the status computed of those rows alone. To sort by it the database has
    to compute that of all rows, which it is asked for only then.
    """

    is_worst_first = False  # unless another order is asked for

    def __init__(
        self, rows: QuerySet[Any], request: HttpRequest, *, now: datetime, timing: Timing, **kwargs: Any
    ) -> None:
        self.now, self.timing = now, timing
        asked = [alias.lstrip("-") for alias in request.GET.getlist("sort")]
        columns = [STATUS_COLUMNS[name] for name in STATUS_COLUMNS if name in asked]
        self.request = request
        self.ranking = _ranking(request) if self.is_worst_first and not set(asked) & self.base_columns.keys() else None
        if self.ranking == "in SQL":
            sortable = with_status(rows, self.now, self.timing, [*COLUMNS, "status_rank"])
        else:
            sortable = self._sortable(rows, columns)
        if "status_rank" not in sortable.query.annotations:  # which the table names before it knows another order
            sortable = sortable.annotate(status_rank=Value(Status.REACHABLE.rank, PositiveSmallIntegerField()))
        super().__init__(sortable, request, **kwargs)

    def _sortable(self, rows: QuerySet[Any], columns: Sequence[str]) -> QuerySet[Any]:
        """``rows`` with ``columns``; few rows are worth no look at who is suspected."""
        is_few = self.request.GET.get("status") or self.request.GET.get("reason")
        is_quick = columns in _QUICK and not is_few
        quick = with_quick_status(rows, columns[0], self.now, self.timing) if is_quick else None
        if quick is not None or not columns:
            return rows if quick is None else quick
        return with_status(rows, self.now, self.timing, columns)

    def _show_page(self, number: str) -> None:
        super()._show_page(number)
        self.page.object_list = BoundRows(data=self._shown(), table=self)

    def _shown(self) -> Sequence[Any]:
        rows = self.data.data.select_related(*RELATED)
        if self.ranking == "by suspicion":
            shown = self._worst_first(rows)
        else:
            found = rows.filter(pk__in=self.page.object_list.data.values("pk"))
            shown = list(found) if self.ranking == "in SQL" else rows_with_status(found, self.now, self.timing)
        for row in shown:
            row.status_since = row.status_since or _noted_since(row)
        return shown

    def _worst_first(self, rows: QuerySet[Any]) -> Sequence[Any]:
        """The page of ``rows``: first who may be wrong, then all others, as they are sorted."""
        suspects = {one.pk: one for one in worst_of(rows, self.now, self.timing)}
        keys = list(suspects)
        first, last = max(self.page.start_index() - 1, 0), self.page.end_index()
        others = rows.exclude(pk__in=keys)[max(first - len(keys), 0) : max(last - len(keys), 0)]
        shown: list[Any] = list(rows.filter(pk__in=_either(keys[first:last], others)))
        for row in shown:
            found = suspects.get(row.pk) or Suspect(row.pk, Status.REACHABLE, None, StatusReason.MESSAGE)
            row.status, row.status_since, row.status_reason = found.status, found.status_since, found.status_reason
        places = {key: place for place, key in enumerate(keys)}
        return sorted(shown, key=lambda row: places.get(row.pk, len(keys)))

    def render_status(self, value: str, record: Any) -> str:
        status, reason = Status(value), StatusReason(record.status_reason)
        return format_html(
            '<span class="badge text-bg-{}" title="{}: {}">{}</span>',
            status.colour,
            reason.label,
            what_to_do(value, reason),
            status.label,
        )

    def render_reason(self, value: str) -> str:
        """Why; that it is reachable because messages come says nothing."""
        return "—" if value == StatusReason.MESSAGE else str(StatusReason(value).label)

    def render_silent_for(self, record: Any) -> str:
        heard_at = record.total.last_wakeup_at if hasattr(record, "total") else None
        return in_words(self.now - heard_at) if heard_at else _("never heard")


def _ranking(request: HttpRequest) -> str:
    """How the worst are found: of few rows all are computed, of many only those that are suspected."""
    asked = {request.GET.get("status"), request.GET.get("reason")} - {None, ""}
    if not asked:
        return "by suspicion"
    return "by name" if asked & {Status.REACHABLE, StatusReason.MESSAGE} else "in SQL"


def _either(keys: Sequence[int], others: QuerySet[Any]) -> Any:
    """The keys of a page: ``keys``, and those of ``others``, a slice; in one query, by the index of the keys."""
    if others.query.is_empty() or others.query.low_mark == others.query.high_mark:
        return keys
    if not keys:
        return others.values("pk")
    parts: tuple[Any, Any] = (keys, others.values("pk"))
    given, found = (Concentrator.objects.filter(pk__in=some).order_by() for some in parts)
    return given.values("pk").union(found.values("pk"), all=True)


def _noted_since(row: Any) -> datetime | None:
    """Since when it is reachable, which only its history tells, as far as that has been noted."""
    watch = getattr(row, "watch", None)
    is_noted = watch and row.status == watch.status == Status.REACHABLE
    return watch.status_at if watch and is_noted else None
