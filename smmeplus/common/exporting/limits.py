"""An export ends with its reader, and of one user few run at a time: each holds a thread of the web and a snapshot of
the database (REP-6).
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any, Final

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from smmeplus.common.api.problems import PREFIX, problem
from smmeplus.common.exporting.files import Export

#: Who takes nothing of a file for so long has gone away.
PATIENCE_S: Final = 60
MOST_AT_ONCE: Final = 2
#: PostgreSQL knows a place by two numbers: one of these, and the key of the user. It is held by the connection that
#: reads the file, and so is free again when a process dies.
_PLACES: Final = tuple(58_710 + place for place in range(MOST_AT_ONCE))

Leave = Callable[[], None]


class ExportMiddleware(MiddlewareMixin):
    """Lets an export begin, or says why not."""

    def process_template_response(self, request: HttpRequest, response: Any) -> Any:
        if not isinstance(response, Export):
            return response
        leave = take_place(request.user.pk or 0)
        if leave is None:
            return _busy(request)
        response.ends_with(leave)
        give_up_on(request.META.get("gunicorn.socket"))
        return response


def _busy(request: HttpRequest) -> HttpResponse:
    words = {"most": MOST_AT_ONCE}
    response: HttpResponse
    if request.path_info.startswith(PREFIX):
        said = _(
            "At most %(most)s files for one user are made at a time. Wait until one is complete, or stop it, and try "
            "again."
        )
        response = problem(429, said % words, code="throttled")
        vars(response)["render"] = lambda: response  # Django renders whatever comes instead of a file
    else:
        response = TemplateResponse(request, "exports_busy.html", words, status=429)
    response["Retry-After"] = "60"
    return response


def give_up_on(reader: socket.socket | None) -> None:
    """Let writing to ``reader`` fail where it would wait for longer than PATIENCE_S. Gunicorn then closes the response.

    The socket's own ``settimeout`` would bound the whole of a block, however steadily somebody reads it.
    """
    if reader is not None:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", PATIENCE_S, 0))


def take_place(user: int) -> Leave | None:
    """One of the places that ``user`` has for exports: how to leave it; None if all of them are taken.

    Elsewhere than on PostgreSQL there is always one: an SQLite file is for a desk, and lets readers go on.
    """
    if connection.vendor != "postgresql":
        return lambda: None
    for place in _PLACES:
        if _call("pg_try_advisory_lock", (place, user)):
            return partial(_leave, place, user)
    return None


def _leave(place: int, user: int) -> None:
    """Nothing while the connection is amid another statement: a response that nobody closed is closed by the garbage
    collector at any moment, and would wait for itself. The place is then free when the connection closes.
    """
    if connection.connection is None or connection.connection.lock.locked():
        return
    with suppress(DatabaseError, InterfaceError):  # a connection that is gone has left it
        _call("pg_advisory_unlock", (place, user))


def _call(function: str, numbers: Iterable[int]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [*numbers])
        found = cursor.fetchone()
    return bool(found and found[0])
