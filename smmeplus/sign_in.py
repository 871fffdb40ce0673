"""The sign-in (ACC-1)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django_htmx.http import HttpResponseClientRefresh


class SignIn(LoginView):
    """The form. When the session has ended and htmx asks, the browser is told to reload the page, which leads here."""

    redirect_authenticated_user = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.htmx:  # type: ignore[attr-defined] # set by the middleware
            return HttpResponseClientRefresh()
        return super().get(request, *args, **kwargs)


def address_of(request: HttpRequest) -> str:
    """The browser's address, as the proxies in front of us (``PROXIES`` of them) know it; the rest may be forged."""
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    proxies: int = settings.PROXIES
    if 0 < proxies <= len(forwarded) and forwarded[-proxies].strip():
        return forwarded[-proxies].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
