"""Tables of concentrators with the status of each (STA-1, REP-6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django_tables2.rows import BoundRows

from smmeplus.common.lists import ListTable
from wakeup.monitoring.status.facts import RELATED, rows_with_status
from wakeup.monitoring.status.finding import with_quick_status
from wakeup.monitoring.status.rules import Status, StatusReason, Timing
from wakeup.monitoring.status.sql import with_status

#: Columns of a table that are sorted by the status, and by which of its columns in SQL.
STATUS_COLUMNS: Mapping[str, str] = {"status": "status", "reason": "status_reason", "status_since": "status_since"}

_QUICK = (["status"], ["status_reason"])


class StatusTable(ListTable):
    """Concentrators with their status at ``now``, which a column *status* shows.

    Its page is found by the keys first, and the status computed of those rows alone. To sort by it the database has
    to compute that of all rows, which it is asked for only then.
    """

    def __init__(
        self, rows: QuerySet[Any], request: HttpRequest, *, now: datetime, timing: Timing, **kwargs: Any
    ) -> None:
        self.now, self.timing = now, timing
        asked = {alias.lstrip("-") for alias in request.GET.getlist("sort")}
        columns = [STATUS_COLUMNS[name] for name in STATUS_COLUMNS if name in asked]
        self.request = request
        super().__init__(self._sortable(rows, columns), request, **kwargs)

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
        rows = self.data.data.filter(pk__in=self.page.object_list.data.values("pk"))
        shown = rows_with_status(rows.select_related(*RELATED), self.now, self.timing)
        self.page.object_list = BoundRows(data=shown, table=self)

    def render_status(self, value: str, record: Any) -> str:
        status, reason = Status(value), StatusReason(record.status_reason)
        return format_html(
            '<span class="badge text-bg-{}" title="{}">{}</span>', status.colour, reason.label, status.label
        )
