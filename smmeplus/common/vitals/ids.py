"""One id for each request and each batch, in every line of the logs that belongs to it (OPS-2, API-1)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from typing import Final, NamedTuple

from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADER: Final = "X-Request-ID"
REQUEST: Final = "request_id"
BATCH: Final = "batch_id"
#: What can neither end a line of a log nor mean anything to who reads one.
_HARMLESS: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Id(NamedTuple):
    """``kind`` is what it is called in the log."""

    kind: str
    value: str


_current: ContextVar[Id | None] = ContextVar("id of what is being done", default=None)


def current_id() -> Id | None:
    return _current.get()


def request_id() -> str:
    """That of the request that is being answered; empty outside of one."""
    one = current_id()
    return one.value if one and one.kind == REQUEST else ""


def begin_batch() -> Context:
    """From here on this thread, or task of an event loop, works on a new batch; for those who do a part of it."""
    _current.set(Id(BATCH, _made()))
    return copy_context()


def _made() -> str:
    return secrets.token_hex(8)


class RequestIdMiddleware:
    """The outermost one: whatever the others log or answer is about this request. An id of who asks is taken.

    Django logs errors after all of them, and a file is made still later: the id holds until the answer is closed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        one = given if _HARMLESS.fullmatch(given) else _made()
        _current.set(Id(REQUEST, one))
        response = self._get_response(request)
        response[HEADER] = one
        return response


@receiver(request_finished, dispatch_uid="request_id")
def _forget(**_of_signal: object) -> None:
    _current.set(None)
