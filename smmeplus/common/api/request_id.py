"""Which request an answer and the lines in the logs are about: by the id of who asks, else by one of ours (API-1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final
from uuid import uuid4

from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADER: Final = "X-Request-ID"
#: What can neither end a line of a log nor mean anything to who reads one.
_HARMLESS: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_current: Final = ContextVar("request_id", default="")


def request_id() -> str:
    """That of the request that is being answered; empty outside of one."""
    return _current.get()


class RequestIdMiddleware:
    """The outermost one: whatever the others log or answer is about this request.

    Django logs errors after all of them, and a file is made still later: the id holds until the answer is closed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        one = given if _HARMLESS.fullmatch(given) else uuid4().hex
        _current.set(one)
        response = self._get_response(request)
        response[HEADER] = one
        return response


@receiver(request_finished, dispatch_uid="request_id")
def _forget(**_of_signal: object) -> None:
    _current.set("")
