"""What is asked once a request, however many parts of its page need it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone

_Value = TypeVar("_Value")


def once_a_request(request: HttpRequest | None, name: str, make: Callable[[], _Value]) -> _Value:
    """What ``make`` gave the first time that ``request`` was asked for ``name``; without a request, anew each time."""
    if request is None:
        return make()
    kept = vars(request)
    if name not in kept:
        kept[name] = make()
    value: _Value = kept[name]
    return value


def now_of(request: HttpRequest | None) -> datetime:
    """The one moment for everything that answers ``request``: its filters and its rows never disagree."""
    return once_a_request(request, "now", timezone.now)


def user_of(request: HttpRequest) -> User:
    """The signed-in user. Raises PermissionDenied if there is none, which a view with permissions rules out."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
