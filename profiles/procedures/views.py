"""Technical area, Configuration, Procedure profile (PRC-1)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import CreateView, DeleteView, DetailView, UpdateView

from profiles.changing import delete_profile
from profiles.models import ProcedureProfile
from profiles.names import MAX_NAME_LENGTH
from profiles.owners.pages import OwnedDialogMixin, OwnedMixin, OwnerMixin
from profiles.procedures.changing import make_default, why_no_default
from profiles.procedures.filters import ProcedureFilterSet
from profiles.procedures.forms import ProcedureForm, ProcedureRenameForm
from profiles.procedures.tables import ProcedureTable
from profiles.procedures.waves import waves_in_words
from profiles.procedures.wording import facts_of
from profiles.requests import owner_told
from profiles.views import ProfileDialogMixin
from smmeplus.common.audit import changes_of
from smmeplus.common.lists import ListPage

LIST = "procedures:list"


class ProcedureList(ListPage):
    model = ProcedureProfile
    filterset_class = ProcedureFilterSet
    table_class = ProcedureTable
    template_name = "procedures/list.html"
    title = _l("Procedure profile")

    def get_queryset(self) -> QuerySet[ProcedureProfile]:
        user = self.request.user
        return ProcedureProfile.objects.visible_to(user).with_usage(user).select_related("company")


class AddProcedure(OwnerMixin, ProfileDialogMixin, CreateView[ProcedureProfile, ProcedureForm]):
    model = ProcedureProfile
    form_class = ProcedureForm
    template_name = "procedures/dialog.html"
    permission_required = "profiles.add_procedureprofile"
    dialog_title = _l("Add procedure profile")
    submit_label = _l("Add")
    done = _l("Procedure profile “%(name)s” was added.")
    list_view = LIST
    deleted_model = ProcedureProfile


class CloneProcedure(AddProcedure):
    dialog_title = _l("Clone procedure profile")

    def get_initial(self) -> dict[str, Any]:
        original = get_object_or_404(ProcedureProfile.objects.visible_to(self.request.user), pk=self.kwargs["pk"])
        suffix = _(" copy")
        name = original.name[: MAX_NAME_LENGTH - len(suffix)] + suffix
        begun = {"name": name, "company": original.company}
        return original.parameters() | begun | {"waves": waves_in_words(original.wave_sizes)}


class ChangeProcedure(OwnedMixin, ProfileDialogMixin, UpdateView[ProcedureProfile, Any]):
    """Changes every field of an unused profile, but only the name of one in use."""

    model = ProcedureProfile
    template_name = "procedures/dialog.html"
    permission_required = "profiles.change_procedureprofile"
    dialog_title = _l("Change procedure profile")
    submit_label = _l("Save")
    done = _l("Procedure profile “%(name)s” was changed.")
    list_view = LIST
    deleted_model = ProcedureProfile

    def get_form_class(self) -> Any:
        is_used = self.object.use_count  # type: ignore[attr-defined] # annotated
        return ProcedureRenameForm if is_used else ProcedureForm


class ShowProcedure(OwnedMixin, OwnedDialogMixin, DetailView[ProcedureProfile]):
    model = ProcedureProfile
    only_shows = True
    template_name = "procedures/show.html"
    dialog_title = _l("Procedure profile")
    deleted_model = ProcedureProfile

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, **self._told())

    def _told(self) -> dict[str, Any]:
        return {
            "facts": facts_of(self.object),
            "changes": changes_of(self.object),
            "owner": owner_told(self.request),
        }


class MakeDefault(OwnedMixin, OwnedDialogMixin, PermissionRequiredMixin, DetailView[ProcedureProfile]):
    """Asks, and then lets the profile hold where none is chosen."""

    model = ProcedureProfile
    template_name = "procedures/default.html"
    permission_required = "profiles.change_procedureprofile"
    dialog_title = _l("Default procedure profile")
    submit_label = _l("Make default")
    deleted_model = ProcedureProfile

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        refusal = why_no_default(self.object)
        return super().get_context_data(**{"facts": facts_of(self.object), "refusal": refusal, **kwargs})

    def post(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        try:
            make_default(self.object)
        except ValidationError as error:
            return self.render_to_response(self.get_context_data(refusal=error.messages[0]))
        return self.leave(reverse(LIST), _("“%(name)s” is the default now.") % {"name": self.object})


class DeleteProcedure(OwnedMixin, OwnedDialogMixin, PermissionRequiredMixin, DeleteView[ProcedureProfile, forms.Form]):
    """Asks before it deletes. If the profile has to stay it says why, and offers no deletion."""

    model = ProcedureProfile
    template_name = "procedures/delete.html"
    permission_required = "profiles.delete_procedureprofile"
    dialog_title = _l("Delete procedure profile")
    submit_label = _l("Delete")
    deleted_model = ProcedureProfile
    http_method_names = ["get", "post"]  # DELETE would skip the question
    submit_class = "btn-danger"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"refusal": self.object.why_it_stays(), **kwargs})

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            delete_profile(self.object)
        except ValidationError as error:
            return self.render_to_response(self.get_context_data(form=form, refusal=error.messages[0]))
        said = _("Procedure profile “%(name)s” was deleted.") % {"name": self.object}
        return self.leave(reverse(LIST), said)
