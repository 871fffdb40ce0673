"""`/healthz`: is the web alive, and can it reach its database (OPS-2)?"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache

PATH = "/healthz"


@login_not_required
@never_cache
def health(_request: HttpRequest) -> JsonResponse:
    """200 with ``{"live": true, "ready": true}``, or 503 with ``ready`` false while the database is away."""
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"live": True, "ready": False}, status=503)
    return JsonResponse({"live": True, "ready": True})


class HealthMiddleware:
    """Answers ``/healthz`` before all other middleware.

    They would ask the database who is signed in, which fails while it is away, or send a balancer that speaks
    plain HTTP elsewhere.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return health(request) if request.path_info == PATH else self._get_response(request)
