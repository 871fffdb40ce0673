"""Errors as ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views import defaults
from rest_framework import exceptions, status

from smmeplus.common.api.throttling import Refusals

CONTENT_TYPE = "application/problem+json"
PREFIX = "/api/"


class ConflictError(exceptions.APIException):
    """The request is well formed, but the state of the data does not allow it."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _l("This cannot be done as things are now.")


class TooLargeError(exceptions.APIException):
    """A body beyond ``DATA_UPLOAD_MAX_MEMORY_SIZE``."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = _l("The body is too large.")


#: Django's exceptions, and their equivalents in DRF.
_MEANT: dict[type[Exception], type[exceptions.APIException]] = {
    Http404: exceptions.NotFound,
    PermissionDenied: exceptions.PermissionDenied,
    RequestDataTooBig: TooLargeError,
}


def problem(code: int, detail: Any, errors: list[dict[str, str]] | None = None) -> JsonResponse:
    """The answer with status ``code``: ``detail`` is a sentence, ``errors`` says what is wrong field by field."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(code).phrase,
        "status": code,
        "detail": str(detail),
    }
    if errors:
        body["errors"] = errors
    return JsonResponse(body, status=code, content_type=CONTENT_TYPE)


def handle(exception: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's exception handler. Returns None for unexpected exceptions, which makes them a 500."""
    meant = next((meant() for raised, meant in _MEANT.items() if isinstance(exception, raised)), exception)
    if not isinstance(meant, exceptions.APIException):
        return None
    return _answer(_or_throttled(meant, context))


def _or_throttled(exception: Any, context: dict[str, Any]) -> Any:
    if not isinstance(exception, (exceptions.NotAuthenticated, exceptions.AuthenticationFailed)):
        return exception
    refusals = Refusals()
    if refusals.allow_request(context["request"], context["view"]):
        return exception
    return exceptions.Throttled(refusals.wait())


def _answer(exception: Any) -> HttpResponse:
    if isinstance(exception, exceptions.ValidationError):
        detail, errors = _("The request is not as it should be; “errors” says what is right."), _flat(exception.detail)
    else:
        detail, errors = exception.detail, iter(())
    response = problem(exception.status_code, detail, list(errors))
    if getattr(exception, "auth_header", None):
        response["WWW-Authenticate"] = exception.auth_header
    if isinstance(exception, exceptions.Throttled):
        response["Retry-After"] = str(max(1, math.ceil(exception.wait or 0)))
    return response


def _flat(detail: Any, path: tuple[str, ...] = ()) -> Iterator[dict[str, str]]:
    """DRF's nested errors one by one. The third serial number is ``concentrators.2``, the whole is ``""``."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            whole = name in ("non_field_errors", "__all__")
            yield from _flat(inner, path if whole else (*path, str(name)))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _flat(inner, path)
    else:
        yield {"field": ".".join(path), "detail": str(detail)}


Page = Callable[..., HttpResponse]


def _of(code: int, detail: Any, page: Page) -> Page:
    """Django's handler of ``code``: a problem under ``/api/``, elsewhere the ``page`` that people read."""

    def handler(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
        if request.path_info.startswith(PREFIX):
            return problem(code, detail)
        return page(request) if exception is None else page(request, exception)

    return handler


bad_request = _of(400, _l("The request cannot be read."), defaults.bad_request)
permission_denied = _of(403, _l("You may not do this."), defaults.permission_denied)
not_found = _of(404, _l("There is nothing at this address."), defaults.page_not_found)
server_error = _of(500, _l("The server could not do this."), defaults.server_error)
