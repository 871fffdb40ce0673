"""Users in the admin site: nobody gives or takes more than they have, and nobody changes their own role (ACC-1)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Company
from smmeplus.common.stale.admin import UnchangedAdminMixin
from smmeplus.people.forms import UserForm
from smmeplus.people.resetting import demand_new_password, end_all_sessions, reset_second_factor
from smmeplus.people.rights import grantable_roles, may_change, visible_users
from smmeplus.people.wording import changes_of

_PERSON = ("username", "password"), ("first_name", "last_name", "email")
_RIGHTS = ("is_active", "is_staff", "groups", "companies")
_OF_SUPERUSERS = ("is_superuser", "user_permissions")
_TIMES = ("last_login", "date_joined")
_SIGN_IN = ("end_sessions", "reset_second_factor")


class _PeopleAdmin(UserAdmin[User]):
    """Of Django's page the account; role and companies instead of single permissions, which superusers alone give."""

    list_display = ("username", "email", "first_name", "last_name", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff", "groups")
    filter_horizontal = ("groups", "user_permissions")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request) & visible_users(_actor(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_change(_actor(request), obj))

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """What they did would lose its name, and their log its lines (ACC-3). Who leaves is made inactive."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return super().get_fieldsets(request, obj)
        if not self.has_change_permission(request, obj):
            return [(None, {"fields": ("username", "first_name", "last_name", "email", "is_active", "of_ours")})]
        rights = (*_RIGHTS, *(_OF_SUPERUSERS if _actor(request).is_superuser else ()))
        return [
            (None, {"fields": _PERSON[0]}),
            (_l("Personal info"), {"fields": _PERSON[1]}),
            (_l("Role and companies"), {"fields": _own(rights) if obj == request.user else rights}),
            *([(_l("Sign-in"), {"fields": _SIGN_IN})] if obj != request.user else []),
            (_l("Important dates"), {"fields": _TIMES}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Nobody changes what they may do themselves: who wants more asks another administrator."""
        own = _own(_RIGHTS) + _OF_SUPERUSERS if obj is not None and obj == request.user else ()
        return (*super().get_readonly_fields(request, obj), *_TIMES, "of_ours", *own)

    @admin.display(description=_l("Companies"))
    def of_ours(self, user: User) -> str:
        """Of somebody who may not be changed here: filled for each request, with the companies of who asks."""
        return ", ".join(company.name for company in getattr(user, "shared_companies", ())) or "-"

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> User | None:
        user = super().get_object(request, object_id, from_field)
        if user is not None:
            shared = Company.objects.visible_to(request.user).filter(pk__in=user.companies.values("pk"))
            vars(user)["shared_companies"] = list(shared)
        return user

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        made: Any = super().get_form(request, obj, change=change, **kwargs)
        fields = made.base_fields
        if "groups" in fields:
            fields["groups"].queryset = grantable_roles(_actor(request))
            fields["groups"].label = _l("Roles")
            fields["groups"].help_text = ""
        if obj is not None and obj == request.user:
            for name in ("companies", *_SIGN_IN):
                fields.pop(name, None)  # a field of the form alone would be taken though no page shows it
        elif "companies" in fields:
            fields["companies"].queryset = Company.objects.visible_to(request.user)
        return made

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """It names companies: of somebody who belongs to others, too, it is not shown."""
        user = self.get_object(request, object_id)
        if user is not None and not may_change(_actor(request), user):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            if obj.has_usable_password():
                demand_new_password(obj)
        elif form.cleaned_data.get("reset_second_factor") and reset_second_factor(obj, request):
            return  # which ends their sessions, too
        elif form.cleaned_data.get("end_sessions"):
            end_all_sessions(obj, request)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Whoever gets a password from somebody else chooses one of their own at the next sign-in."""
        response = super().user_change_password(request, id, form_url)
        is_set = isinstance(response, HttpResponseRedirect) and response.url != request.get_full_path()
        user = self.get_object(request, unquote(id)) if is_set else None
        if user is not None and user != request.user and user.has_usable_password():
            demand_new_password(user)
        return response

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        if add:
            return super().construct_change_message(request, form, formsets, add)
        with translation.override(None):  # as Django's own: each reader reads it in their language
            changes = list(changes_of(form))
        return [{"changed": {"fields": changes}}] if changes else []


class PeopleAdmin(UnchangedAdminMixin, _PeopleAdmin):
    """The same, and what another administrator has changed meanwhile is not overwritten."""

    form = UserForm


def _own(fields: tuple[str, ...]) -> tuple[str, ...]:
    """What somebody reads of their own rights: the companies as a text, as they are no field of a user."""
    return tuple("of_ours" if name == "companies" else name for name in fields)


def _actor(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
