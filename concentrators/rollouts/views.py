"""Technical area, Operation: roll-outs (CFG-4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext
from django.views.generic import DetailView

from concentrators.models import AnyUser, Outcome, RollOut, RollOutMember, RollOutState
from concentrators.rollouts import commands
from concentrators.rollouts.counts import waves_of, why, with_counts
from concentrators.rollouts.tables import (
    MEMBER_COLUMNS,
    ROLL_OUT_COLUMNS,
    MemberFilterSet,
    MemberTable,
    RollOutFilterSet,
    RollOutTable,
    action_in_words,
    with_device,
)
from smmeplus.common.audit import changes_of
from smmeplus.common.dialogs import DialogMixin
from smmeplus.common.lists import ListPage
from smmeplus.common.progress import Ending, Progress, no_progress, stream_progress
from smmeplus.common.request import now_of, user_of

VIEW = "concentrators.view_rollout"
LONG = 2_000  # concentrators; to put more back takes long enough for the operator to see how far it is


def roll_outs_to_show(user: AnyUser) -> QuerySet[RollOut]:
    return RollOut.objects.visible_to(user).select_related("company", "procedure", "started_by")


class RollOutList(PermissionRequiredMixin, ListPage):  # type: ignore[misc] # both dispatch alike
    model = RollOut
    table_class = RollOutTable
    filterset_class = RollOutFilterSet
    permission_required = VIEW
    title = _l("Roll-outs")
    export_columns = ROLL_OUT_COLUMNS

    def get_queryset(self) -> QuerySet[Any]:
        return with_counts(roll_outs_to_show(self.request.user))


class MemberList(PermissionRequiredMixin, ListPage):  # type: ignore[misc]
    """The concentrators of one roll-out, or of all of them."""

    model = RollOutMember
    table_class = MemberTable
    filterset_class = MemberFilterSet
    permission_required = VIEW
    title = _l("Concentrators of roll-outs")
    export_columns = MEMBER_COLUMNS

    def get_queryset(self) -> QuerySet[Any]:
        members = RollOutMember.objects.filter(roll_out__in=RollOut.objects.visible_to(self.request.user))
        return with_device(members.select_related("concentrator", "former_profile"))


class RollOutPage(PermissionRequiredMixin, DetailView[RollOut]):
    """How far it is, wave by wave, and why it stands where it does. It refreshes itself while results are due."""

    permission_required = VIEW
    template_name = "concentrators/roll_out.html"
    context_object_name = "roll_out"

    def get_queryset(self) -> QuerySet[RollOut]:
        return roll_outs_to_show(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        one, waves = self.object, waves_of(self.object)
        state = RollOutState(one.state)
        failed = sum(wave.counts[Outcome.FAILED] for wave in waves)
        return super().get_context_data(
            **kwargs,
            title=str(one),
            state=state,
            why=why(one),
            action=action_in_words(one.action),
            waves=waves,
            outcomes=Outcome,
            settled=sum(wave.settled for wave in waves),
            buttons=[button for button in BUTTONS.values() if button.is_for(state, failed)],
            changes=changes_of(one),
        )


@dataclass(frozen=True)
class Button:
    """A command of the page: ``run`` does it and returns what to say."""

    view: str
    label: Any
    question: Any
    states: tuple[RollOutState, ...]
    run: Callable[[RollOut, User, Any, Progress], str]
    css: str = "btn-outline-secondary"

    def is_for(self, state: RollOutState, failed: int) -> bool:
        return state in self.states and (self.view != "rollouts:retry" or failed > 0)


def _pause(one: RollOut, user: User, now: Any, _progress: Progress) -> str:
    commands.pause(one, user=user, now=now)
    return _("%(roll_out)s is paused.") % {"roll_out": one}


def _resume(one: RollOut, user: User, now: Any, _progress: Progress) -> str:
    commands.resume(one, user=user, now=now)
    return _("%(roll_out)s goes on.") % {"roll_out": one}


def _retry(one: RollOut, user: User, now: Any, _progress: Progress) -> str:
    number = commands.retry(one, user=user, now=now)
    said = ngettext("%(number)d concentrator is tried again.", "%(number)d concentrators are tried again.", number)
    return said % {"number": number}


def _cancel(one: RollOut, user: User, now: Any, progress: Progress) -> str:
    number = commands.cancel(one, user=user, now=now, progress=progress)
    said = ngettext(
        "%(roll_out)s is cancelled: %(number)d concentrator went back to what it was.",
        "%(roll_out)s is cancelled: %(number)d concentrators went back to what they were.",
        number,
    )
    return said % {"roll_out": one, "number": number}


BUTTONS: Mapping[str, Button] = {
    "pause": Button(
        "rollouts:pause",
        _l("Pause"),
        _l("Begin no further writes? Those under way end, and results are still noted."),
        commands.PAUSABLE,
        _pause,
    ),
    "resume": Button(
        "rollouts:resume",
        _l("Resume"),
        _l("Go on? If it was halted, only further failures halt it again."),
        commands.RESUMABLE,
        _resume,
        "btn-primary",
    ),
    "retry": Button(
        "rollouts:retry",
        _l("Retry the failed"),
        _l("Write again into those that failed? If it was halted, it goes on."),
        commands.RETRIABLE,
        _retry,
    ),
    "cancel": Button(
        "rollouts:cancel",
        _l("Cancel roll-out"),
        _l(
            "Put back those that are not written yet? They get their former profile, or go back into the store. "
            "Those written stay as they are."
        ),
        commands.CANCELLABLE,
        _cancel,
        "btn-danger",
    ),
}


class CommandRollOut(DialogMixin, PermissionRequiredMixin, DetailView[RollOut]):
    """Asks before it does what the button says."""

    permission_required = (VIEW, "concentrators.change_concentrator")
    template_name = "concentrators/roll_out_command.html"
    context_object_name = "roll_out"
    command = ""

    def get_queryset(self) -> QuerySet[RollOut]:
        return roll_outs_to_show(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        button = BUTTONS[self.command]
        self.dialog_title = f"{button.label}: {self.object}"
        self.submit_label, self.submit_class = button.label, button.css.replace("outline-secondary", "primary")
        context = super().get_context_data(**kwargs, question=button.question, is_long=self._is_long)
        return context | {"back_url": self._page}

    @property
    def _page(self) -> str:
        return reverse("rollouts:page", args=[self.object.pk])

    @property
    def _is_long(self) -> bool:
        return self.command == "cancel" and self.object.size > LONG

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponseBase:
        self.object = self.get_object()
        run, user, now = BUTTONS[self.command].run, user_of(request), now_of(request)
        if self._is_long:
            work = partial(_with_ending, run, self.object, user, now, self._page)
            return stream_progress(request, str(self.object), work, back_url=self._page)
        try:
            said = run(self.object, user, now, no_progress)
        except ValidationError as refusal:
            return self._refuse(refusal)
        return self.leave(self._page, said)

    def _refuse(self, refusal: ValidationError) -> HttpResponse:
        return self.render_to_response(self.get_context_data(refusal=refusal.message))


def _with_ending(run: Any, one: RollOut, user: User, now: Any, url: str, progress: Progress) -> Ending:
    return Ending(url, run(one, user, now, progress))
