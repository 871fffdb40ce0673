"""The sign-in (ACC-1)."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django_htmx.http import HttpResponseClientRefresh

from smmeplus.kept.owner import owner_of
from smmeplus.kept.storing import KEY, TOO_LARGE


class SignInForm(AuthenticationForm):
    """Names longer than one can be are nobody's; what counts wrong passwords could not store them."""

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if len(name) > (self.fields["username"].max_length or 0):  # type: ignore[attr-defined] # a CharField
            raise self.get_invalid_login_error()
        return name


class SignIn(LoginView):
    """The form. When the session has ended and htmx asks, the browser is told to reload the page, which leads here."""

    authentication_form = SignInForm
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


class SignOut(LogoutView):
    """Nobody reads with *Back* afterwards, on a shared desk, what was on the screen before."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache"'
        return response


def address_of(request: HttpRequest) -> str:
    """The browser's address, as the proxies in front of us (``PROXIES`` of them) know it; the rest may be forged.

    Some write the port behind it. What is no address is not used.
    """
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    proxies: int = settings.PROXIES
    named = _address(forwarded[-proxies]) if 0 < proxies <= len(forwarded) else None
    return named or str(request.META.get("REMOTE_ADDR", ""))


def _address(text: str) -> str | None:
    host = text.strip()
    if host.count(":") == 1 or host.startswith("["):
        host = host.rpartition(":")[0] if not host.endswith("]") else host
    with suppress(ValueError):
        return str(ip_address(host.strip("[]")))
    return None
