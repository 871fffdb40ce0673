"""The security log: who signed in, who could not, and what was done with rights, as one JSON line each (SR 2.8).

It has no table: the database that a fault opens to somebody is no place for what tells of it. Passwords and tokens are
never in it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from concentrators.models import RollOut
from smmeplus.logs import SECURITY
from smmeplus.people.addresses import address_of
from smmeplus.people.steps.pending import METHOD, PASSWORD

_REFUSED: Final = 403
_MOST: Final = 400  # characters of what somebody has typed
_log = logging.getLogger(SECURITY)


def tell(event: str, request: HttpRequest | None, **facts: object) -> None:
    """Write a line about ``event``, with who asked and from where, as far as a request says so."""
    told: dict[str, object] = {}
    if request is not None:
        user = getattr(request, "user", None) or AnonymousUser()
        told = {"user": user.get_username() or None, "address": address_of(request)}
    _log.info(event, extra={"facts": {**told, **{name: _short(value) for name, value in facts.items()}}})


def _short(value: object) -> object:
    return value[:_MOST] if isinstance(value, str) else value


def tell_refusals_and_exports(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[..., Any]:
    """A middleware: what was refused for want of a right, and each file that was taken along with its filters."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code == _REFUSED:
            tell("refused", request, method=request.method, path=request.path)
        elif str(response.get("Content-Disposition", "")).startswith("attachment"):
            tell("export", request, path=request.path, query=request.META.get("QUERY_STRING", ""))
        return response

    return answer


def signed_in(request: HttpRequest, user: Any, **_kwargs: Any) -> None:
    method = request.session.get(METHOD, PASSWORD)
    tell("sign-in", request, user=user.get_username(), **({"method": method} if method != PASSWORD else {}))


def signed_out(request: HttpRequest, user: Any, **_kwargs: Any) -> None:
    if user is not None:
        tell("sign-out", request, user=user.get_username())


def sign_in_failed(credentials: Any, request: HttpRequest | None = None, **_kwargs: Any) -> None:
    of = credentials.get("of")
    tell("sign-in failed", request, user=str(credentials.get("username", "")), **({"wrong": of} if of else {}))


def locked_out(request: HttpRequest, username: str, **_kwargs: Any) -> None:
    tell("locked out", request, user=username)


def administered(instance: LogEntry, created: bool, **_kwargs: Any) -> None:
    """Whatever the admin site has changed: users and their roles, settings, companies, types, receivers."""
    if created:
        of = instance.content_type.name if instance.content_type else ""
        told = {"thing": of, "name": instance.object_repr, "change": instance.get_change_message()}
        tell("administration", None, user=instance.user.get_username(), key=instance.object_id, **told)


def rolled_out(roll_out: RollOut, **_kwargs: Any) -> None:
    by = roll_out.started_by.get_username() if roll_out.started_by else None
    told = {"action": roll_out.action, "concentrators": roll_out.size, "audit_id": str(roll_out.audit_id)}
    tell("roll-out", None, user=by, company=roll_out.company.name, **told)


def keys_changed(change: str, user: Any, serial: str, concentrators: int, **told: Any) -> None:
    """Keys of ciphered messages (SEC-3): whose, or of how many, and never which."""
    facts = {"change": change, "concentrator": serial or None, "audit_id": str(told["audit_id"])}
    tell("keys", None, user=user and user.get_username(), concentrators=concentrators, **facts)
