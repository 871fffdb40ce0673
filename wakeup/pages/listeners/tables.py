"""The table and the filters of the listeners that run or ran (LIS-7)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Case, IntegerChoices, IntegerField, Q, QuerySet, Value, When
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from smmeplus.common.lists import ListFilterSet, ListTable, MomentColumn, NumberColumn
from wakeup.models import ListenerRun
from wakeup.models.listeners import WaitsFor


class RunState(IntegerChoices):
    """The state of a listener, in the order of the list."""

    RUNNING = 0, _l("running")
    SILENT = 1, _l("silent")
    ENDED = 2, _l("ended")


_BADGES = {RunState.RUNNING: "success", RunState.SILENT: "danger", RunState.ENDED: "secondary"}


def with_state(runs: QuerySet[ListenerRun], now: datetime) -> QuerySet[Any]:
    state = Case(
        When(ended_at__isnull=False, then=Value(RunState.ENDED.value)),
        When(seen_at__gt=now - ListenerRun.SILENT_AFTER, then=Value(RunState.RUNNING.value)),
        default=Value(RunState.SILENT.value),
        output_field=IntegerField(),
    )
    return runs.annotate(state=state)


class ListenerFilterSet(ListFilterSet):
    state = django_filters.ChoiceFilter(label=_l("State"), choices=RunState.choices, empty_label=_l("All"))
    q = django_filters.CharFilter(
        label=_l("Host or address"), method="search", widget=forms.TextInput({"type": "search"})
    )

    class Meta:
        model = ListenerRun
        fields = ["state", "q"]

    def search(self, runs: QuerySet[ListenerRun], _name: str, text: str) -> QuerySet[ListenerRun]:
        return runs.filter(Q(host__icontains=text) | Q(address__icontains=text))


class LevelColumn(NumberColumn):
    """A current number, shown as a dash for a listener that does not run."""

    def render(self, value: float, record: Any) -> str:
        if record.state != RunState.RUNNING:
            return "—"
        return formats.number_format(round(value, 1), 1 if isinstance(value, float) else None)


class ListenerTable(ListTable):
    """Running listeners first, the youngest at the top: no row moves while somebody reads."""

    id = tables.Column(verbose_name=_l("Instance"))
    host = tables.Column(verbose_name=_l("Host"))
    address = tables.Column(verbose_name=_l("Address"))
    port = NumberColumn(verbose_name=_l("Port"))
    started_at = MomentColumn(verbose_name=_l("Since (UTC)"))
    seen_at = MomentColumn(verbose_name=_l("Last seen (UTC)"))
    state = tables.Column(verbose_name=_l("State"))
    messages_per_s = LevelColumn(verbose_name=_l("Messages/s"))
    queue = LevelColumn(verbose_name=_l("Queue"))
    connections = LevelColumn(verbose_name=_l("Connections"))
    message_count = NumberColumn(verbose_name=_l("Messages"))
    dropped = NumberColumn(verbose_name=_l("Dropped datagrams"))

    class Meta:
        order_by = ("state", "-started_at")
        empty_text = _l("No listener matches. Change the filters.")

    def render_id(self, value: uuid.UUID) -> str:
        return value.hex[:8]

    def render_port(self, value: int, record: ListenerRun) -> str:
        return str(value) if record.tls_port is None else f"{value}, TLS\u00a0{record.tls_port}"

    def render_state(self, value: int, record: Any) -> str:
        words = str(RunState(value).label)
        if value != RunState.RUNNING:
            moment = formats.date_format(record.ended_at or record.seen_at, "DATETIME_FORMAT")
            words = (_("silent since %s") if value == RunState.SILENT else _("ended %s")) % moment
        badge = format_html('<span class="badge text-bg-{}">{}</span>', _BADGES[RunState(value)], words)
        if value != RunState.RUNNING:
            return badge
        warnings = ((format_html('<span class="badge text-bg-warning">{}</span>', said),) for said in _warnings(record))
        return format_html_join(" ", "{}", ((badge,), *warnings))


def _warnings(run: ListenerRun) -> Iterator[str]:
    """What needs somebody although the listener runs."""
    if run.waits_for != WaitsFor.NOTHING:
        yield str(WaitsFor(run.waits_for).label)
    ends_at = run.certificate_ends_at
    if ends_at is not None and ends_at < timezone.now() + ListenerRun.CERTIFICATE_WARNS_BEFORE:
        said = _("certificate has ended %s") if ends_at <= timezone.now() else _("certificate ends %s")
        yield said % formats.date_format(ends_at, "DATE_FORMAT")
