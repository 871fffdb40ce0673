"""The sign-in (ACC-1)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django_htmx.http import HttpResponseClientRefresh

from smmeplus.kept.owner import owner_of
from smmeplus.kept.storing import KEY, TOO_LARGE


class SignIn(LoginView):
    """The form. When the session has ended and htmx asks, the browser is told to reload the page, which leads here."""

    redirect_authenticated_user = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.htmx:  # type: ignore[attr-defined] # set by the middleware
            return HttpResponseClientRefresh()
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        session = self.request.session
        return super().get_context_data(
            **kwargs,
            has_ended=bool(self.get_redirect_url()) and owner_of(self.request) is not None,
            is_kept=KEY in session,
            was_too_large=TOO_LARGE in session,
        )

    def get_success_url(self) -> str:
        """Where something is kept, to it: that view also throws away what another user had typed."""
        return reverse("go-on") if KEY in self.request.session else super().get_success_url()

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        self.request.session.pop(TOO_LARGE, None)  # it has been said
        return super().form_valid(form)


def address_of(request: HttpRequest) -> str:
    """The browser's address, as the proxies in front of us (``PROXIES`` of them) know it; the rest may be forged."""
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    proxies: int = settings.PROXIES
    if 0 < proxies <= len(forwarded) and forwarded[-proxies].strip():
        return forwarded[-proxies].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
