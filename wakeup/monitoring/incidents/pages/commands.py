"""The buttons of an incident's page (STA-5): each asks what it has to know, acts, and shows the page again."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext
from django.views.generic import FormView, View
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from smmeplus.common.choosing import DONE
from smmeplus.common.dialogs import DialogMixin
from smmeplus.common.request import now_of, user_of
from wakeup.models import Incident, Outage
from wakeup.monitoring.incidents import actions
from wakeup.monitoring.incidents.pages.forms import (
    CommentForm,
    MemberChoiceForm,
    MergeForm,
    OwnerForm,
    ReclassForm,
    candidates_for,
)
from wakeup.monitoring.incidents.pages.views import VIEW, incident_for
from wakeup.monitoring.incidents.states import title_of

MAY_ACT = (VIEW, "wakeup.change_incident")


def page_of(incident: Incident) -> str:
    return reverse("incidents:page", args=[incident.pk])


class Acknowledge(PermissionRequiredMixin, View):
    permission_required = MAY_ACT
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = incident_for(request.user, pk)
        try:
            actions.acknowledge(one, user=user_of(request), now=now_of(request))
            messages.success(request, _("The incident is acknowledged, and yours."))
        except ValidationError as refusal:
            messages.warning(request, refusal.message)
        return HttpResponseRedirect(page_of(one))


class IncidentDialog(DialogMixin, PermissionRequiredMixin, FormView[Any]):
    permission_required = MAY_ACT
    template_name = "incidents/dialog.html"

    @cached_property
    def incident(self) -> Incident:
        return incident_for(self.request.user, self.kwargs["pk"])

    def act(self, form: Any, user: User, now: datetime) -> str:
        """Do it and return what to say. Raises ValidationError if it is refused."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, incident=self.incident, about=title_of(self.incident))

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            said = self.act(form, user_of(self.request), now_of(self.request))
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        return self.leave(page_of(self.incident), said)


class Comment(IncidentDialog):
    form_class = CommentForm
    dialog_title = _l("Comment")
    submit_label = _l("Add")

    def act(self, form: CommentForm, user: User, now: datetime) -> str:
        actions.comment(self.incident, form.cleaned_data["text"], user=user, now=now)
        return _("Your comment stands in the timeline.")


class OfStoredIncident(IncidentDialog):
    """A form that changes the incident itself, and is refused if somebody else has done so meanwhile."""

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.incident}


class HandOver(OfStoredIncident):
    form_class = OwnerForm
    dialog_title = _l("Hand over")
    submit_label = _l("Hand over")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": user_of(self.request)}

    def act(self, form: OwnerForm, user: User, now: datetime) -> str:
        owner = form.cleaned_data["owner"]
        actions.hand_over(self.incident, owner, user=user, now=now, check=form.refuse_if_stale)
        return _("%(owner)s is the owner now.") % {"owner": owner}


class Reclass(OfStoredIncident):
    form_class = ReclassForm
    dialog_title = _l("Re-class")
    submit_label = _l("Re-class")

    def act(self, form: ReclassForm, user: User, now: datetime) -> str:
        cause, reason = form.cleaned_data["cause"], form.cleaned_data["reason"]
        actions.reclass(self.incident, cause, reason, user=user, now=now, check=form.refuse_if_stale)
        return _("The cause of the incident is what you said.")


class Merge(IncidentDialog):
    form_class = MergeForm
    dialog_title = _l("Merge")
    submit_label = _l("Merge")

    def get_form_kwargs(self) -> dict[str, Any]:
        candidates = candidates_for(self.incident, self.request.user)
        return super().get_form_kwargs() | {"candidates": candidates}

    def form_valid(self, form: Any) -> HttpResponse:
        into: Incident = form.cleaned_data["into"]
        try:
            actions.merge(self.incident, into, user=user_of(self.request), now=now_of(self.request))
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        return self.leave(
            page_of(into), _("Incident %(number)s is a part of this one now.") % {"number": self.incident.pk}
        )


class Split(PermissionRequiredMixin, View):
    """Asks, and states the number; a POST that confirms it acts, if the number still holds (CON-3)."""

    permission_required = MAY_ACT
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        one, choice = incident_for(request.user, pk), MemberChoiceForm(request.POST)
        members = Outage.objects.filter(incident=one)
        if not choice.is_valid():
            return self._ask(one, choice, 0)
        chosen = choice.chosen_of(members)
        count = chosen.count()
        if request.POST.get("confirmed", "") != str(count):
            if "confirmed" in request.POST:
                choice.add_error(None, _("What you chose has changed meanwhile, so nothing was done. Look once more:"))
            return self._ask(one, choice, count)
        try:
            made = actions.split(one, chosen, user=user_of(request), now=now_of(request), expected=count)
        except ValidationError as refusal:
            choice.add_error(None, refusal)
            return self._ask(one, choice, 0)
        return self._show(made)

    def _ask(self, one: Incident, choice: MemberChoiceForm, count: int) -> HttpResponse:
        question = ngettext(
            "Make an incident of its own of %(count)d concentrator?",
            "Make an incident of its own of %(count)d concentrators?",
            count,
        )
        context = {
            "form": choice,
            "title": _("Split: %(incident)s") % {"incident": title_of(one)},
            "submit_label": _("Split"),
            "question": question % {"count": count} if count else "",
            "count": count,
        }
        return render(self.request, "wakeup/strays_confirm.html", context)

    def _show(self, made: Incident) -> HttpResponse:
        messages.success(self.request, _("This incident was split off. You are its owner."))
        response = HttpResponseClientRedirect if self.request.htmx else HttpResponseRedirect  # type: ignore[attr-defined]
        return trigger_client_event(response(page_of(made)), DONE)
