"""Who asks."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def user_of(request: HttpRequest) -> User:
    """The user who is signed in. Raises PermissionDenied if nobody is, which a view with permissions rules out."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
