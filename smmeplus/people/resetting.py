"""What others may do to an account: take away a lost second factor, end sessions, demand a new password."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import HttpRequest

from smmeplus.models import Account
from smmeplus.people.second_factor.codes import remove
from smmeplus.people.security_log import tell
from smmeplus.people.sessions.marking import end_sessions


def reset_second_factor(user: User, request: HttpRequest | None) -> bool:
    """Whether there was one. Their sessions end with it: one of them may be on what was lost."""
    if not remove(user):
        return False
    end_sessions(user)
    tell("second factor reset", request, of=user.get_username())
    return True


def end_all_sessions(user: User, request: HttpRequest) -> None:
    number = end_sessions(user)
    if number:
        tell("sessions ended", request, of=user.get_username(), number=number)


def demand_new_password(user: User) -> None:
    """They choose one at the next sign-in: until then somebody else knows it."""
    Account.objects.update_or_create(user=user, defaults={"must_change_password": True})
