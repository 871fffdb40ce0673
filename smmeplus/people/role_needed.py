"""Who has no role yet reads nothing (ACC-1): neither pages and files nor names in a list to choose from."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

#: What is about the account alone.
_OWN = (
    *("login", "go-on", "logout", "password", "set_language", "home", "account", "recovery-codes"),
    *("set-up-second-factor", "remove-second-factor", "end-session", "end-other-sessions"),
)


class RoleMiddleware(MiddlewareMixin):
    """Refuses whoever is signed in and may do nothing at all: an account is made before it gets its role."""

    def process_view(self, request: HttpRequest, view: Any, _arguments: Any, _named: Any) -> None:
        user = request.user
        if not isinstance(user, User) or user.is_superuser or not getattr(view, "login_required", True):
            return
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name not in _OWN and not user.get_all_permissions():
            raise PermissionDenied
