"""Guessing is slowed by address and by name, for all workers together (ACC-2). django-axes locks the pair of both.

From one address 100 wrong passwords or codes an hour are taken. Of one name the first 10 within an hour cost nothing;
then the pause grows to half a minute, and never becomes a lock. In the browser in which a user was signed in last their
own name is neither: nobody keeps them out by guessing elsewhere. What is refused here costs no hash.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from smmeplus.common.wording.durations import in_words
from smmeplus.kept.owner import owner_of
from smmeplus.models import Guesses
from smmeplus.people.addresses import address_of, source_of

WINDOW: Final = timedelta(hours=1)
MOST_OF_ADDRESS: Final = 100
FREE_OF_NAME: Final = 10
LONGEST_PAUSE_S: Final = 30
TOO_MANY: Final = 429


def wait_of(request: HttpRequest, name: str) -> int:
    """Seconds until ``name`` may be tried from where ``request`` comes from; 0: now."""
    if _is_at_home(request, name):
        return 0
    now = timezone.now()
    keys = (_of_address(request), _of_name(name))
    rows = {row.of: row for row in Guesses.objects.filter(of__in=keys, since__gt=now - WINDOW)}
    ends = [_end_of(rows[key], key == keys[0]) for key in keys if key in rows]
    return max((_seconds(end - now) for end in ends), default=0)


def count_failure(request: HttpRequest, name: str) -> None:
    now = timezone.now()
    for key in (_of_address(request), _of_name(name)):
        _count(key, now)
    Guesses.objects.filter(last_at__lte=now - WINDOW).delete()


def failed(credentials: Any, request: HttpRequest | None = None, **_kwargs: Any) -> None:
    """Of the signal. A name that django-axes has refused was no guess: nothing was compared."""
    if request is not None and not getattr(request, "axes_locked_out", False):
        count_failure(request, str(credentials.get("username", "")))


def succeeded(user: Any, **_kwargs: Any) -> None:
    """Its name is free again. Its address is not: who guesses may have an account of their own."""
    Guesses.objects.filter(of=_of_name(user.get_username())).delete()


def tell_failure(request: HttpRequest, user: User, of: str) -> None:
    """A wrong code or password (``of``) of somebody who is known already counts like one at the sign-in."""
    user_login_failed.send(__name__, credentials={"username": user.get_username(), "of": of}, request=request)


def _count(key: str, now: datetime) -> None:
    with transaction.atomic():
        row, _ = Guesses.objects.select_for_update().get_or_create(of=key, defaults={"since": now, "last_at": now})
        if row.since <= now - WINDOW:
            row.since, row.failures = now, 0
        row.failures += 1
        row.last_at = now
        row.save()


def _end_of(row: Guesses, is_address: bool) -> datetime:
    if is_address:
        return row.since + WINDOW if row.failures >= MOST_OF_ADDRESS else row.last_at
    beyond = row.failures - FREE_OF_NAME
    pause = min(2 ** min(beyond - 1, 10), LONGEST_PAUSE_S) if beyond > 0 else 0
    return row.last_at + timedelta(seconds=pause)


def _seconds(left: timedelta) -> int:
    return max(0, -(-left // timedelta(seconds=1)))


def _of_address(request: HttpRequest) -> str:
    return f"address {source_of(address_of(request))}"


def _of_name(name: str) -> str:
    return f"name {name}"[:200].replace("\0", "")  # which PostgreSQL cannot store


def _is_at_home(request: HttpRequest, name: str) -> bool:
    owner = owner_of(request)
    if "\0" in name:
        return False
    return owner is not None and User.objects.filter(pk=owner, username=name).exists()


def refusal_of(request: HttpRequest, user: User) -> HttpResponse | None:
    """The answer to who has guessed too much before they try ``user``'s password or code again; None: they may try."""
    if not AxesProxyHandler.is_allowed(request, {"username": user.get_username()}):
        request.axes_locked_out = True  # type: ignore[attr-defined] # the middleware of django-axes says so
        return HttpResponse(status=TOO_MANY)
    wait = wait_of(request, user.get_username())
    if not wait:
        return None
    return slowed(render(request, "registration/slowed.html", {"wait": in_words(timedelta(seconds=wait))}), wait)


def slowed(response: HttpResponse, wait: int) -> HttpResponse:
    response.status_code = TOO_MANY
    response["Retry-After"] = str(wait)
    return response
