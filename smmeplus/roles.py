"""Who may do what (ACC-1): three groups, made anew with their permissions after each migration, and asked for once."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

VIEWER = "Viewer"
OPERATOR = "Operator"
ADMINISTRATOR = "Administrator"

_VIEWER = {
    "profiles.view_spontaneousprofile",
    "profiles.view_procedureprofile",
    "concentrators.view_company",
    "concentrators.view_concentrator",
    "concentrators.view_outofservice",
    "concentrators.view_rollout",
    "concentrators.view_plannedwork",
    "concentrators.view_meter",
    "concentrators.view_meterconflict",
    "wakeup.view_message",
    "wakeup.view_strayframe",
    "wakeup.view_listenerrun",
    "wakeup.view_statuschange",
    "wakeup.view_outage",
    "wakeup.view_incident",
    "wakeup.view_alarm",
    "wakeup.view_feedevent",
}
_OPERATOR = _VIEWER | {
    "profiles.add_spontaneousprofile",
    "profiles.change_spontaneousprofile",
    "profiles.delete_spontaneousprofile",
    "profiles.add_procedureprofile",
    "profiles.change_procedureprofile",
    "profiles.delete_procedureprofile",
    "concentrators.add_concentrator",
    "concentrators.change_concentrator",
    "wakeup.change_strayframe",
    "concentrators.add_outofservice",
    "concentrators.change_outofservice",
    "concentrators.add_plannedwork",
    "concentrators.change_plannedwork",
    "concentrators.add_meter",
    "concentrators.change_meter",
    "concentrators.change_meterconflict",
    "concentrators.view_devicekeys",
    "wakeup.change_incident",
    "wakeup.change_alarm",
    "wakeup.view_receiver",
    "wakeup.view_delivery",
}
#: Administrators also need "staff status", which opens the admin site.
_ADMINISTRATOR = _OPERATOR | {
    "profiles.view_systemsettings",
    "profiles.add_systemsettings",
    "profiles.change_systemsettings",
    "concentrators.add_company",
    "concentrators.change_company",
    "concentrators.view_concentratortype",
    "concentrators.add_concentratortype",
    "concentrators.change_concentratortype",
    "concentrators.view_kindrule",
    "concentrators.add_kindrule",
    "concentrators.change_kindrule",
    "concentrators.delete_kindrule",
    "concentrators.add_devicekeys",
    "concentrators.change_devicekeys",
    "concentrators.delete_devicekeys",
    "wakeup.add_receiver",
    "wakeup.change_receiver",
    "wakeup.delete_receiver",
    "auth.view_user",
    "auth.add_user",
    "auth.change_user",
    "auth.view_group",
}
ROLES = {VIEWER: _VIEWER, OPERATOR: _OPERATOR, ADMINISTRATOR: _ADMINISTRATOR}


def make_roles(app_config: AppConfig, **_kwargs: Any) -> None:
    """Give the groups exactly their permissions. Connected to ``post_migrate``, which is sent once for each app."""
    if app_config is not list(apps.get_app_configs())[-1]:
        return  # before the last app not all permissions exist
    for name, permissions in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(Permission.objects.filter(_any_of(permissions)))


def _any_of(permissions: set[str]) -> Q:
    found = Q()
    for permission in permissions:
        app, _, codename = permission.partition(".")
        found |= Q(content_type__app_label=app, codename=codename)
    return found


class PermissionBackend(ModelBackend):
    """Loads all permissions of a user, their own and those of their groups, by one query.

    They are kept where Django keeps them, so that its own backend, which is asked next, does not load them again.
    Sign-ins are left to that one: sessions name it, and so outlive an upgrade.
    """

    def authenticate(self, *_args: Any, **_kwargs: Any) -> None:
        return None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if obj is None and user_obj.is_active and not user_obj.is_superuser and not hasattr(user_obj, "_perm_cache"):
            own, of_groups = (
                rows.order_by().values_list("content_type__app_label", "codename")
                for rows in (user_obj.user_permissions, Permission.objects.filter(group__user=user_obj))
            )
            held = {f"{app}.{codename}" for app, codename in own.union(of_groups)}
            user_obj._perm_cache = held  # noqa: SLF001 - what ModelBackend fills otherwise
        return super().get_all_permissions(user_obj, obj)
