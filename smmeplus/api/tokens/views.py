"""The page on which a user makes and revokes their tokens for the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from smmeplus.api.tokens.making import TokenForm, tokens_of
from smmeplus.api.tokens.showing import Shown, shown
from smmeplus.models.tokens import begin_of, details_of
from smmeplus.people.security_log import tell

#: Holds the new token from the answer that made it to the page that shows it. In the browser, which shall have it
#: anyway: what keeps sessions lies in the database, where others read.
COOKIE: Final = "new-token"
LASTS_S: Final = 60


class Tokens(View):
    """The user's own tokens. A new one is shown by the next look at the page, once: to reload makes no other."""

    def get(self, request: HttpRequest) -> HttpResponse:
        token = request.get_signed_cookie(COOKIE, "", salt=_salt(request), max_age=LASTS_S) or ""
        response = self._show(TokenForm(request=request), token)
        if COOKIE in request.COOKIES:
            response.delete_cookie(COOKIE, path=reverse("tokens"), samesite="Strict")
        return response

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TokenForm(request.POST, request=request)
        if not form.is_valid():
            return self._show(form)
        try:
            token = form.make()
        except ValidationError as error:
            form.add_error(None, error)
            return self._show(form)
        response = redirect("tokens")
        kept: dict[str, Any] = {"max_age": LASTS_S, "path": reverse("tokens"), "samesite": "Strict", "httponly": True}
        response.set_signed_cookie(
            COOKIE, token, salt=_salt(request), secure=bool(settings.SESSION_COOKIE_SECURE), **kept
        )
        return response

    def _show(self, form: TokenForm, token: str = "") -> HttpResponse:
        context = {"title": _("API tokens"), "form": form, "token": token, "tokens": self._rows(form.names)}
        response = render(self.request, "tokens.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def _rows(self, names: Mapping[int, str]) -> list[Shown]:
        return [shown(token, names, timezone.now()) for token in tokens_of(self.request.user)]


class RevokeToken(View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        key = request.POST.get("token", "")
        token = tokens_of(request.user).filter(pk=key).first() if key.isalnum() else None
        if token is not None:
            name = details_of(token).name
            token.delete()
            tell("token revoked", request, token=begin_of(token), name=name)
            messages.success(request, _("The token was revoked."))
        return redirect("tokens")


def _salt(request: HttpRequest) -> str:
    """Of the user: whoever signs in next in this browser is shown nothing."""
    return f"new token of {request.user.pk}"
