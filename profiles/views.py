"""Technical area, Configuration, Spontaneous profile (PRO-1…6)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import CreateView, DeleteView, DetailView, UpdateView

from profiles.changing import IN_USE, delete_profile, save_profile
from profiles.filters import ProfileFilterSet
from profiles.forms import ProfileForm, RenameForm
from profiles.models import SpontaneousProfile
from profiles.names import MAX_NAME_LENGTH
from profiles.owners.pages import OwnedDialogMixin, OwnedMixin, OwnerMixin
from profiles.requests import owner_told, settings_of
from profiles.tables import ProfileTable
from smmeplus.common.audit import changes_of
from smmeplus.common.lists import ListPage

Form = ProfileForm | RenameForm


class ProfileList(ListPage):
    model = SpontaneousProfile
    filterset_class = ProfileFilterSet
    template_name = "profiles/list.html"
    title = _l("Spontaneous profile")

    def get_queryset(self) -> QuerySet[SpontaneousProfile]:
        user = self.request.user
        return SpontaneousProfile.objects.visible_to(user).with_usage(user).select_related("company")

    def get_table(self) -> ProfileTable:
        return ProfileTable(self.object_list, self.request, settings=settings_of(self.request))


class ProfileDialogMixin(OwnedDialogMixin, PermissionRequiredMixin):
    done: Any
    list_view = "profiles:list"
    deleted_model: Any = SpontaneousProfile
    #: Whether the profile has come into use since the form was opened.
    in_use = False

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            save_profile(form.instance, form.refuse_if_stale)
        except ValidationError as error:
            form.add_error(None, error)
            self.in_use = getattr(error, "code", None) == IN_USE
            return self.form_invalid(form)  # type: ignore[attr-defined, no-any-return] # of the generic view
        return self.leave(reverse(self.list_view), self.done % {"name": form.instance})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, in_use=self.in_use)


class AddProfile(OwnerMixin, ProfileDialogMixin, CreateView[SpontaneousProfile, ProfileForm]):
    model = SpontaneousProfile
    form_class = ProfileForm
    template_name = "profiles/dialog.html"
    permission_required = "profiles.add_spontaneousprofile"
    dialog_title = _l("Add concentrator spontaneous")
    submit_label = _l("Add")
    done = _l("Profile “%(name)s” was added.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"settings": settings_of(self.request)}


class CloneProfile(AddProfile):
    dialog_title = _l("Clone spontaneous profile")

    def get_initial(self) -> dict[str, Any]:
        original = get_object_or_404(SpontaneousProfile.objects.visible_to(self.request.user), pk=self.kwargs["pk"])
        suffix = _(" copy")
        copied = ("wakeup_enabled", "wakeup_period", "last_gasp_enabled", "last_gasp_ip")
        begun = {"name": original.name[: MAX_NAME_LENGTH - len(suffix)] + suffix, "company": original.company}
        return begun | {field: value for field in copied if (value := getattr(original, field)) is not None}


class ChangeProfile(OwnedMixin, ProfileDialogMixin, UpdateView[SpontaneousProfile, Form]):
    """Changes every field of an unused profile, but only the name of one in use."""

    model = SpontaneousProfile
    template_name = "profiles/dialog.html"
    permission_required = "profiles.change_spontaneousprofile"
    dialog_title = _l("Change spontaneous profile")
    submit_label = _l("Save")
    done = _l("Profile “%(name)s” was changed.")

    def get_form(self, form_class: Any = None) -> Form:  # noqa: ARG002 - it depends on the profile
        kwargs = self.get_form_kwargs()
        if self.get_object().concentrator_count:
            return RenameForm(**kwargs)
        return ProfileForm(**kwargs, settings=settings_of(self.request))


class ShowProfile(OwnedMixin, OwnedDialogMixin, DetailView[SpontaneousProfile]):
    model = SpontaneousProfile
    only_shows = True
    template_name = "profiles/show.html"
    dialog_title = _l("Concentrator spontaneous")
    deleted_model = SpontaneousProfile

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, changes=changes_of(self.object), owner=owner_told(self.request))


class DeleteProfile(OwnedMixin, OwnedDialogMixin, PermissionRequiredMixin, DeleteView[SpontaneousProfile, forms.Form]):
    """Asks before it deletes. If the profile is in use it says so, and offers no deletion."""

    model = SpontaneousProfile
    template_name = "profiles/delete.html"
    permission_required = "profiles.delete_spontaneousprofile"
    dialog_title = _l("Delete spontaneous profile")
    submit_label = _l("Delete")
    deleted_model = SpontaneousProfile
    http_method_names = ["get", "post"]  # DELETE would skip the question
    submit_class = "btn-danger"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, refusal=self.object.why_it_stays())

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            delete_profile(self.object)
        except ValidationError:
            return self.form_invalid(form)
        return self.leave(reverse("profiles:list"), _("Profile “%(name)s” was deleted.") % {"name": self.object})
