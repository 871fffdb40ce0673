"""Technical area, Monitoring: alarms, one alarm, and what is done about it (STA-9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import DetailView, FormView
from django.views.generic.detail import SingleObjectMixin

from smmeplus.common.audit import changes_of
from smmeplus.common.dialogs import DialogMixin
from smmeplus.common.lists import ListPage, ListTable
from smmeplus.common.request import now_of, user_of
from wakeup.models import Alarm
from wakeup.monitoring.alarms import actions
from wakeup.monitoring.alarms.forms import CommandForm, ShelveForm
from wakeup.monitoring.alarms.states import State, is_shelved
from wakeup.monitoring.alarms.tables import (
    EXPORT_COLUMNS,
    AlarmFilterSet,
    AlarmTable,
    alarms_to_show,
    priority_badge,
    state_context,
)
from wakeup.monitoring.alarms.words import (
    changes_of_rank,
    ended_because,
    meaning_of,
    numbers_of,
    title_of,
    what_to_do,
)

VIEW, CHANGE = "wakeup.view_alarm", "wakeup.change_alarm"


class AlarmList(PermissionRequiredMixin, ListPage):  # type: ignore[misc] # both dispatch alike
    """Those that are open, unless others are asked for; it refreshes itself."""

    model = Alarm
    table_class = AlarmTable
    filterset_class = AlarmFilterSet
    permission_required = VIEW
    template_name = "alarms/list.html"
    title = _l("Alarms")
    description = _l("What needs a person now. What falls silent alone is on the work list, and raises no alarm.")
    export_columns = EXPORT_COLUMNS

    def get_queryset(self) -> QuerySet[Any]:
        return alarms_to_show(self.request.user)

    def get_filterset_kwargs(self, filterset_class: Any) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_filterset_kwargs(filterset_class)
        data: QueryDict = self.request.GET.copy()
        data.setdefault("state", State.OPEN)
        return kwargs | {"data": data}

    def get_template_names(self) -> list[str]:
        (name,) = super().get_template_names()
        return ["alarms/list_part.html" if name == "table.html" else name]

    def get_table(self) -> ListTable:
        table = super().get_table()
        asked = {name: value for name, value in self.filterset.form.cleaned_data.items() if value}
        if asked == {"state": State.OPEN}:
            table.empty_text = _("All is well: nothing needs a person now.")
        return table


class AlarmPage(PermissionRequiredMixin, DetailView[Alarm]):
    permission_required = VIEW
    template_name = "alarms/page.html"
    context_object_name = "alarm"

    def get_queryset(self) -> QuerySet[Alarm]:
        return alarms_to_show(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        one, now = self.object, now_of(self.request)
        return super().get_context_data(
            **kwargs,
            **{name: value for name, value in state_context(one, now).items() if name != "alarm"},
            title=title_of(one),
            priority=priority_badge(one.priority),
            meaning=meaning_of(one),
            to_do=what_to_do(one),
            numbers=numbers_of(one),
            ended_because=ended_because(one),
            ranks=changes_of_rank(one),
            commands=[command for command in COMMANDS.values() if command.is_for(one, now)],
            changes=changes_of(one),
        )


@dataclass(frozen=True)
class Command:
    """Something that people do about an alarm: ``run`` does it, ``done`` says so."""

    view: str
    label: Any
    question: Any
    done: Any
    run: Callable[[Alarm, CommandForm, User, datetime], object]
    is_for: Callable[[Alarm, datetime], bool]
    form_class: type[CommandForm] = CommandForm
    css: str = "btn-outline-secondary"


def _acknowledge(alarm: Alarm, _form: CommandForm, user: User, now: datetime) -> None:
    actions.acknowledge(alarm, user=user, now=now)


def _shelve(alarm: Alarm, form: CommandForm, user: User, now: datetime) -> None:
    reason = form.cleaned_data["reason"]
    actions.shelve(alarm, until=form.until(now), reason=reason, user=user, now=now)


def _unshelve(alarm: Alarm, _form: CommandForm, user: User, now: datetime) -> None:
    actions.unshelve(alarm, user=user, now=now)


def _judge_false(alarm: Alarm, _form: CommandForm, user: User, now: datetime) -> None:
    actions.judge(alarm, is_false=True, user=user, now=now)


def _judge_real(alarm: Alarm, _form: CommandForm, user: User, now: datetime) -> None:
    actions.judge(alarm, is_false=False, user=user, now=now)


COMMANDS: Mapping[str, Command] = {
    "acknowledge": Command(
        "alarms:acknowledge",
        _l("Acknowledge"),
        _l("Tell the others that you see to it? It stays in the list until it is over."),
        _l("“%(alarm)s” is acknowledged."),
        _acknowledge,
        lambda alarm, _now: alarm.ended_at is None and alarm.acknowledged_at is None,
        css="btn-primary",
    ),
    "shelve": Command(
        "alarms:shelve",
        _l("Shelve"),
        _l("It leaves the list, and comes back when the time is over, or when it gets worse."),
        _l("“%(alarm)s” is shelved."),
        _shelve,
        lambda alarm, now: alarm.ended_at is None and not is_shelved(alarm, now),
        ShelveForm,
    ),
    "unshelve": Command(
        "alarms:unshelve",
        _l("Unshelve"),
        _l("Show it in the list again?"),
        _l("“%(alarm)s” is in the list again."),
        _unshelve,
        is_shelved,
    ),
    "real": Command(
        "alarms:real",
        _l("It was real"),
        _l("Was there something to act on? The share of false alarms is counted by what you say."),
        _l("“%(alarm)s” is noted as real."),
        _judge_real,
        lambda alarm, _now: alarm.is_false is not False,
    ),
    "false": Command(
        "alarms:false",
        _l("False alarm"),
        _l("Was there nothing to act on? The share of false alarms is counted by what you say."),
        _l("“%(alarm)s” is noted as a false alarm."),
        _judge_false,
        lambda alarm, _now: alarm.is_false is not True,
    ),
}


class CommandAlarm(DialogMixin, PermissionRequiredMixin, SingleObjectMixin[Alarm], FormView[CommandForm]):
    """Asks before it does what the button says."""

    permission_required = (VIEW, CHANGE)
    template_name = "alarms/command.html"
    context_object_name = "alarm"
    command = ""
    object: Alarm

    def get_queryset(self) -> QuerySet[Alarm]:
        return alarms_to_show(self.request.user)

    def get_form_class(self) -> type[CommandForm]:
        return COMMANDS[self.command].form_class

    def get_form(self, form_class: type[CommandForm] | None = None) -> CommandForm:
        self.object = self.get_object()
        return super().get_form(form_class)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", self.get_form())
        command = COMMANDS[self.command]
        self.dialog_title = f"{command.label}: {title_of(self.object)}"
        self.submit_label = command.label
        return super().get_context_data(**kwargs, question=command.question, back_url=self._page)

    @property
    def _page(self) -> str:
        return reverse("alarms:page", args=[self.object.pk])

    def form_valid(self, form: CommandForm) -> HttpResponse:
        command = COMMANDS[self.command]
        try:
            command.run(self.object, form, user_of(self.request), now_of(self.request))
        except actions.AlarmError as refusal:
            return self.render_to_response(self.get_context_data(form=form, refusal=" ".join(refusal.messages)))
        # Back to the page where the button was pressed, be it the list, this alarm or its incident.
        here = getattr(self.request, "htmx").current_url_abs_path  # noqa: B009 - set by the middleware
        return self.leave(here or self._page, command.done % {"alarm": title_of(self.object)})
