"""The table and the filters of alarms (STA-9)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.contrib.auth.context_processors import PermWrapper
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _l

from concentrators.companies import companies_of
from concentrators.models import AnyUser
from smmeplus.common.exporting import ExportColumn
from smmeplus.common.lists import ListFilterSet, ListTable, MomentColumn
from smmeplus.common.request import now_of
from wakeup.models import Alarm
from wakeup.models.alarms import AlarmKind, Priority
from wakeup.monitoring.alarms.states import (
    CHATTERING_WITHIN,
    REPEATING,
    STANDING_AFTER,
    State,
    in_state,
    is_shelved,
    with_repeats,
)
from wakeup.monitoring.alarms.words import COLOURS, SHAPES, meaning_of, numbers_of, what_to_do

EXPORT_COLUMNS = (
    ExportColumn("alarm", "pk"),
    ExportColumn("priority", "priority"),
    ExportColumn("kind", "kind"),
    ExportColumn("place", "place"),
    ExportColumn("company", "company__name"),
    ExportColumn("incident", "incident_id"),
    ExportColumn("began_at", "began_at"),
    ExportColumn("raised_at", "raised_at"),
    ExportColumn("act_by", "act_by"),
    ExportColumn("ended_at", "ended_at"),
    ExportColumn("acknowledged_at", "acknowledged_at"),
    ExportColumn("acknowledged_by", "acknowledged_by__username"),
    ExportColumn("shelved_until", "shelved_until"),
    ExportColumn("shelved_by", "shelved_by__username"),
    ExportColumn("shelved_reason", "shelved_reason"),
    ExportColumn("is_false", "is_false"),
)
SEARCH = forms.TextInput({"type": "search"})


def alarms_to_show(user: AnyUser) -> QuerySet[Any]:
    joined = Alarm.objects.visible_to(user).select_related("company", "incident", "acknowledged_by", "shelved_by")
    return with_repeats(joined)


class AlarmFilterSet(ListFilterSet):
    state = django_filters.ChoiceFilter(
        label=_l("State"), choices=State.choices, empty_label=_l("All"), method="of_state"
    )
    priority = django_filters.ChoiceFilter(label=_l("Priority"), choices=Priority.choices, empty_label=_l("All"))
    kind = django_filters.ChoiceFilter(label=_l("What"), choices=AlarmKind.choices, empty_label=_l("All"))
    company = django_filters.ChoiceFilter(label=_l("Company"), empty_label=_l("All"))
    q = django_filters.CharFilter(label=_l("Place"), method="search", widget=SEARCH)

    class Meta:
        model = Alarm
        fields = ["state", "priority", "kind", "company", "q"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))

    def of_state(self, alarms: QuerySet[Alarm], _name: str, state: str) -> QuerySet[Alarm]:
        return in_state(alarms, state, now_of(self.request))

    def search(self, alarms: QuerySet[Alarm], _name: str, text: str) -> QuerySet[Alarm]:
        return alarms.filter(Q(place__icontains=text) | Q(company__name__icontains=text))


class AlarmTable(ListTable):
    """The most urgent first, and of these the newest."""

    priority = tables.Column(verbose_name=_l("Priority"))
    kind = tables.Column(verbose_name=_l("What"), linkify=("alarms:page", [tables.A("pk")]))
    place = tables.Column(verbose_name=_l("Where"))
    state = tables.Column(verbose_name=_l("State"), empty_values=(), orderable=False)
    meaning = tables.Column(
        verbose_name=_l("What it means, what to do"),
        empty_values=(),
        orderable=False,
        attrs={"td": {"class": "sentences"}},
    )
    act_by = MomentColumn(verbose_name=_l("Act by (UTC)"), wraps=True)
    began_at = MomentColumn(verbose_name=_l("Since (UTC)"), wraps=True)
    raised_at = MomentColumn(verbose_name=_l("Raised (UTC)"), wraps=True)
    company = tables.Column(verbose_name=_l("Company"), order_by="company__name")
    actions = tables.Column(verbose_name=_l("Actions"), empty_values=(), orderable=False)

    class Meta:
        order_by = ("-priority", "-raised_at")
        empty_text = _l("No alarm matches. Change the filters.")

    def render_priority(self, value: Any, record: Alarm) -> str:  # noqa: ARG002 - the value may be its label
        return priority_badge(record.priority)

    def render_meaning(self, record: Alarm) -> str:
        said = format_html("{} {}", meaning_of(record), what_to_do(record))
        numbers = numbers_of(record)
        return format_html('{}<div class="note">{}</div>', said, numbers) if numbers else said

    def render_state(self, record: Alarm) -> str:
        return render_to_string("alarms/state_cell.html", state_context(record, self._now))

    def render_actions(self, record: Alarm) -> str:
        context = {"alarm": record, "is_shelved": is_shelved(record, self._now)}
        return render_to_string("alarms/actions_cell.html", context | self._of_user)

    @cached_property
    def _now(self) -> Any:
        return now_of(self.request)

    @cached_property
    def _of_user(self) -> dict[str, object]:
        return {"perms": PermWrapper(self.request.user)}


def priority_badge(priority: int) -> str:
    """The word, and a shape for those who do not see the colour."""
    level = Priority(priority)
    return format_html(
        '<span class="badge text-bg-{}">{}&nbsp;<span aria-hidden="true">{}</span></span>',
        COLOURS[level],
        level.label,
        SHAPES[level],
    )


def state_context(alarm: Any, now: Any) -> dict[str, object]:
    """What has been done about ``alarm``, of :func:`alarms_to_show`, and what is wrong with it as an alarm."""
    is_open = alarm.ended_at is None
    return {
        "alarm": alarm,
        "is_shelved": is_shelved(alarm, now),
        "is_late": is_open and alarm.acknowledged_at is None and alarm.act_by < now and not is_shelved(alarm, now),
        "is_standing": is_open and now - alarm.raised_at > STANDING_AFTER,
        "repeats": alarm.raised_in_day if alarm.raised_in_day >= REPEATING else 0,
        "is_chattering": alarm.raised_in_minutes >= REPEATING,
        "minutes": CHATTERING_WITHIN.seconds // 60,
    }
