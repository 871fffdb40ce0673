"""`/healthz`: is the web alive, and can it reach its database (OPS-2)?"""

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache


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
