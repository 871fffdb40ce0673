"""Errors as ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views import defaults
from rest_framework import exceptions
from rest_framework.status import HTTP_409_CONFLICT, HTTP_413_REQUEST_ENTITY_TOO_LARGE

from smmeplus.common.api.codes import field_code, problem_code
from smmeplus.common.api.throttling import Refusals
from smmeplus.common.vitals.ids import request_id

CONTENT_TYPE = "application/problem+json"
PREFIX = "/api/"


class ConflictError(exceptions.APIException):
    """The request is well formed, but the state of the data does not allow it."""

    status_code = HTTP_409_CONFLICT
    default_detail = _l("This cannot be done as things are now.")
    default_code = "conflict"
    #: What of a list does not allow it, as ``one_error`` makes them.
    errors: Sequence[dict[str, str]] = ()

    @classmethod
    def of(cls, error: ValidationError, errors: Sequence[dict[str, str]] = ()) -> ConflictError:
        """From the refusal of an action, whose message is for people and whose code is for programs."""
        conflict = cls(" ".join(error.messages), getattr(error, "code", None))
        conflict.errors = errors
        return conflict


class ForbiddenTokenError(exceptions.PermissionDenied):
    """A good token that forbids this itself. It counts as a refusal, as its sender may not be its owner."""


class TooLargeError(exceptions.APIException):
    """A body beyond ``DATA_UPLOAD_MAX_MEMORY_SIZE``."""

    status_code = HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = _l("The body is too large.")
    default_code = "too_large"


#: Django's exceptions, and their equivalents in DRF.
_MEANT: dict[type[Exception], type[exceptions.APIException]] = {
    Http404: exceptions.NotFound,
    PermissionDenied: exceptions.PermissionDenied,
    RequestDataTooBig: TooLargeError,
}


def problem(status: int, detail: Any, errors: Sequence[dict[str, str]] = (), code: object = "") -> JsonResponse:
    """The answer with ``status``: ``detail`` is a sentence, ``errors`` says what is wrong field by field.

    ``code`` is a word of ``codes``; by itself that of the status.
    """
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": problem_code(code, status),
        "detail": _whole(detail),
    }
    if request_id():
        body["request_id"] = request_id()
    if errors:
        body["errors"] = list(errors)
    readable = {"ensure_ascii": False}
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE, json_dumps_params=readable)


def one_error(field: str, detail: Any, code: object) -> dict[str, str]:
    """An entry of ``errors``. ``field`` is like ``concentrators.2``, the third serial number; ``""`` is the whole."""
    return {"field": _whole(field), "code": field_code(code), "detail": _whole(detail)}


def _whole(said: Any) -> str:
    """What of a body is said again may have halves of characters, which JSON can write and UTF-8 cannot."""
    return str(said).encode("utf-8", "replace").decode()


def unknown_field() -> exceptions.ErrorDetail:
    """For a name in a body that nothing reads: it may be a misspelled one that limits what is done."""
    return exceptions.ErrorDetail(_("There is no such field here."), "unknown_field")


def no_such(detail: str) -> exceptions.ErrorDetail:
    """For what is named and not there, or is another company's."""
    return exceptions.ErrorDetail(detail, "does_not_exist")


def handle(exception: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's exception handler. Returns None for unexpected exceptions, which makes them a 500."""
    meant = next((meant() for raised, meant in _MEANT.items() if isinstance(exception, raised)), exception)
    if not isinstance(meant, exceptions.APIException):
        return None
    return _answer(_or_throttled(meant, context))


#: Of which one address may have so many a minute.
_REFUSED = exceptions.NotAuthenticated, exceptions.AuthenticationFailed, ForbiddenTokenError


def _or_throttled(exception: Any, context: dict[str, Any]) -> Any:
    if not isinstance(exception, _REFUSED):
        return exception
    refusals = Refusals()
    if refusals.allow_request(context["request"], context["view"]):
        return exception
    return exceptions.Throttled(refusals.wait())


def _answer(exception: Any) -> HttpResponse:
    if isinstance(exception, exceptions.ValidationError):
        said = _("The request is not as it should be; “errors” says what is right.")
        response = problem(exception.status_code, said, list(_flat(exception.detail)), "invalid")
    else:
        code, errors = exception.get_codes(), getattr(exception, "errors", ())
        response = problem(exception.status_code, exception.detail, errors, code)
    if getattr(exception, "auth_header", None):
        response["WWW-Authenticate"] = exception.auth_header
    if hasattr(exception, "wait"):
        response["Retry-After"] = str(max(1, math.ceil(exception.wait or 0)))
    return response


def _flat(detail: Any, path: tuple[str, ...] = ()) -> Iterator[dict[str, str]]:
    """DRF's nested errors one by one."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            whole = name in ("non_field_errors", "__all__")
            yield from _flat(inner, path if whole else (*path, str(name)))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _flat(inner, path)
    else:
        yield one_error(".".join(path), detail, getattr(detail, "code", None))


Page = Callable[..., HttpResponse]


def _of(status: int, detail: Any, page: Page) -> Page:
    """Django's handler of ``status``: a problem under ``/api/``, elsewhere the ``page`` that people read."""

    def handler(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
        if request.path_info.startswith(PREFIX):
            return problem(status, detail)
        return page(request) if exception is None else page(request, exception)

    return handler


bad_request = _of(400, _l("The request cannot be read."), defaults.bad_request)
permission_denied = _of(403, _l("You may not do this."), defaults.permission_denied)
not_found = _of(404, _l("There is nothing at this address."), defaults.page_not_found)
server_error = _of(500, _l("The server could not do this."), defaults.server_error)
