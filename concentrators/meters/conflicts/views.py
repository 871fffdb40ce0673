"""The page of a conflict, and what an operator decides on it (MET-5)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import DetailView, FormView

from concentrators.meters.conflicts import deciding, wording
from concentrators.meters.conflicts.facts import conflicts_to_show, facts_of
from concentrators.meters.conflicts.forms import DecisionForm, refusal
from concentrators.models import Decision, MeterConflict
from smmeplus.common.audit import changes_of
from smmeplus.common.dialogs import DialogMixin
from smmeplus.common.request import now_of, user_of

VIEW = "concentrators.view_meterconflict"
MAY_DECIDE = (VIEW, "concentrators.change_meterconflict")


def page_of(conflict: MeterConflict) -> str:
    return reverse("conflicts:page", args=[conflict.pk])


class ConflictPage(PermissionRequiredMixin, DetailView[MeterConflict]):
    """What each concentrator has of the meter, which one is preferred and why, what was decided, and by whom."""

    permission_required = VIEW
    template_name = "conflicts/page.html"
    context_object_name = "conflict"

    def get_queryset(self) -> QuerySet[MeterConflict]:
        return conflicts_to_show(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        one, facts = self.object, facts_of(self.object)
        names = [fact.concentrator.serial_number for fact in facts]
        return super().get_context_data(
            **kwargs,
            title=_("Conflict of meter %(meter)s") % {"meter": one.meter},
            facts=facts,
            now=now_of(self.request),
            badge=wording.badge(one),
            state=wording.state_in_words(one),
            meaning=wording.meaning_of(one),
            preference=wording.preference_in_words(one),
            decision=wording.decision_in_words(one),
            reopened=wording.reopened_in_words(one),
            to_do=wording.what_to_do(one, names),
            changes=changes_of(one),
        )


class ConflictDialogMixin(DialogMixin, PermissionRequiredMixin):
    permission_required = MAY_DECIDE
    kwargs: dict[str, Any]

    @cached_property
    def conflict(self) -> MeterConflict:
        return get_object_or_404(conflicts_to_show(self.request.user), pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        refused = "" if self.conflict.closed_at is None else _("This conflict is over, so there is nothing to decide.")
        return super().get_context_data(**{"refusal": refused} | kwargs, conflict=self.conflict)


class Decide(ConflictDialogMixin, FormView[DecisionForm]):
    """The address may say what the form begins with: ``?decision=keep&keep_at=17``."""

    form_class = DecisionForm
    template_name = "conflicts/dialog.html"
    dialog_title = _l("Decide")
    submit_label = _l("Decide")

    def get_initial(self) -> dict[str, Any]:
        return {name: self.request.GET[name] for name in ("decision", "keep_at") if name in self.request.GET}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.conflict}

    def form_valid(self, form: DecisionForm) -> HttpResponse:
        said = form.cleaned_data
        how: dict[str, Any] = {
            "user": user_of(self.request),
            "now": now_of(self.request),
            "note": said["note"],
            "check": form.refuse_if_changed,
        }
        try:
            match said["decision"]:
                case Decision.KEEP:
                    done = deciding.keep_at(self.conflict, said["keep_at"], **how)
                case Decision.ALLOWED:
                    done = deciding.allow_until(self.conflict, said["allowed_until"], **how)
                case _:
                    done = deciding.not_a_conflict(self.conflict, **how)
        except ValidationError as error:
            refusal(form, error)
            return self.form_invalid(form)
        done.company = self.conflict.company
        return self.leave(page_of(done), _("Decided: %(decision)s") % {"decision": wording.decision_in_words(done)})


class Withdraw(ConflictDialogMixin, DetailView[MeterConflict]):
    """Asks before a decision is taken back."""

    template_name = "conflicts/withdraw.html"
    dialog_title = _l("Withdraw the decision")
    submit_label = _l("Withdraw")

    def get_object(self, queryset: QuerySet[MeterConflict] | None = None) -> MeterConflict:  # noqa: ARG002
        return self.conflict

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, decision=wording.decision_in_words(self.conflict))

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        self.object = self.conflict
        try:
            deciding.withdraw(self.conflict, user=user_of(request), now=now_of(request))
        except ValidationError as error:
            return self.render_to_response(self.get_context_data(refusal=" ".join(error.messages)))
        return self.leave(page_of(self.conflict), _("The decision was withdrawn."))
