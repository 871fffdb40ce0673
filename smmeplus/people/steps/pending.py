"""A sign-in that has begun. It lies in a session that is nobody's, and ends after ten minutes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from smmeplus.models import Account
from smmeplus.people.second_factor.codes import demanded_of, has_one

KEY: Final = "sign-in"
#: In the session of who is signed in: by what. Without it a session passes for one of a password alone.
METHOD: Final = "sign-in-method"
LASTS_S: Final = 10 * 60
PASSWORD, CODE, RECOVERY_CODE, DIRECTORY = "password", "code", "recovery code", "directory"
BACKEND: Final = "django.contrib.auth.backends.ModelBackend"


@dataclass(slots=True)
class Pending:
    """``verified`` by their session's hash: who changes the password meanwhile ends it."""

    user: int
    verified: str
    since: float
    #: How they have shown who they are, so far.
    method: str
    #: Where they wanted to go.
    next: str


def begin(request: HttpRequest, user: User, method: str, next_url: str) -> Pending:
    request.session.cycle_key()
    pending = Pending(user.pk, user.get_session_auth_hash(), timezone.now().timestamp(), method, next_url)
    keep(request, pending)
    return pending


def keep(request: HttpRequest, pending: Pending) -> None:
    request.session[KEY] = asdict(pending)


def pending_of(request: HttpRequest) -> tuple[User, Pending] | None:
    """Who is signing in in this browser; None if nobody is, it was too long ago, or the account has changed since."""
    stored = request.session.get(KEY)
    if stored is None:
        return None
    pending = Pending(**stored)
    user = User.objects.filter(pk=pending.user, is_active=True).first()
    is_good = user is not None and constant_time_compare(pending.verified, user.get_session_auth_hash())
    if user is None or not is_good or timezone.now().timestamp() - pending.since > LASTS_S:
        del request.session[KEY]
        return None
    return user, pending


def next_step(user: User, pending: Pending) -> str | None:
    """The name of the view of what is still to be done."""
    if pending.method == PASSWORD:
        if has_one(user):
            return "sign-in-code"
        if demanded_of(user):
            return "sign-in-set-up"
    if pending.method != DIRECTORY and Account.objects.filter(user=user, must_change_password=True).exists():
        return "sign-in-password"
    return None


def finish(request: HttpRequest, user: User, pending: Pending) -> None:
    """From here on they are signed in."""
    request.session.pop(KEY, None)
    request.session[METHOD] = pending.method
    login(request, user, backend=BACKEND)
    request.session[METHOD] = pending.method  # login() empties the session of another user
