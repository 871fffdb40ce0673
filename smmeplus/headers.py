"""What browsers and proxies are told with every answer: to keep no copy of it, and what its pages may do."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

#: Features of browsers that no page of ours uses, nor anything that got into one.
_UNUSED = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone"),
    *("midi", "payment", "usb"),
)
_PERMISSIONS = ", ".join(f"{feature}=()" for feature in _UNUSED)


class HeadersMiddleware:
    """The outermost one, so that errors and redirects have the headers, too.

    Only static files are ``public``, which WhiteNoise says of them. Of all else a shared computer would show the copy
    after sign-out, and a proxy might hand it to somebody else.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if "public" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "private, no-store"
        response["Permissions-Policy"] = _PERMISSIONS
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        return response
