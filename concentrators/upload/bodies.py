"""How much a browser may send: a body that is too long is refused before anything of it is stored (CON-5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

MB = 2**20
#: Of an upload that comes after the session has ended: as much as is kept until its user has signed in again (UI-9).
KEPT_BYTES: Final = 5 * MB


def limit_of(request: HttpRequest) -> int:
    """The most bytes that a form with files may have. Files are for the upload pages, and for who is signed in."""
    if request.path not in (reverse("concentrators:upload"), reverse("meterfiles:upload")):
        return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    return int(settings.UPLOAD_MAX_MB * MB) if SESSION_KEY in request.session else KEPT_BYTES


class BodyLimitMiddleware:
    """Refuses a form with files by the length that it states, which is all that the server reads of it.

    Bodies of other kinds have their bounds where they are read. It stands before whatever reads forms, as the check
    against forgery does, and behind the session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.content_type == "multipart/form-data" and _length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            limit = limit_of(request)
            if _length(request) > limit:
                said = {"most": max(limit // MB, 1), "path": request.path, "is_signed_out": limit == KEPT_BYTES}
                # Nobody knows the user yet, and the frame would ask for them.
                return HttpResponse(render_to_string("413.html", said), status=413)
        return self.get_response(request)


class CountingHandler(FileUploadHandler):
    """Counts what comes in, whatever length was stated, before the handlers behind it store it."""

    def handle_raw_input(self, *_arguments: Any, **_options: Any) -> None:
        self.left = limit_of(self.request) if self.request else 0

    def receive_data_chunk(self, raw_data: bytes, _start: int) -> bytes:
        self.left -= len(raw_data)
        if self.left < 0:
            raise RequestDataTooBig("a file is longer than this page takes")
        return raw_data

    def file_complete(self, _file_size: int) -> None:
        """Leave the file to the handler that has stored it."""


def _length(request: HttpRequest) -> int:
    stated = request.META.get("CONTENT_LENGTH") or "0"
    return int(stated) if stated.isdecimal() else 0
