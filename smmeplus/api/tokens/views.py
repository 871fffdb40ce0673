"""The page on which a user makes and revokes their tokens for the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import View
from knox.models import AuthToken

from concentrators.models import AnyUser
from smmeplus.api.tokens import DAYS, MOST_TOKENS
from smmeplus.common.forms import StyledForm
from smmeplus.people.security_log import tell


class TokenForm(StyledForm, forms.Form):
    days = forms.TypedChoiceField(
        label=_l("Good for days"), coerce=int, choices=[(days, str(days)) for days in DAYS], initial=DAYS[1]
    )

    def __init__(self, *args: Any, user: AnyUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        if tokens_of(self.user).count() >= MOST_TOKENS:
            raise ValidationError(_("You have %(most)d tokens already; revoke one first.") % {"most": MOST_TOKENS})
        return self.cleaned_data


def tokens_of(user: AnyUser) -> QuerySet[Any]:
    good = Q(expiry__isnull=True) | Q(expiry__gt=timezone.now())
    tokens: QuerySet[Any] = AuthToken.objects.filter(good, user=user).order_by("-created", "pk")
    return tokens


class Tokens(View):
    """The user's own tokens. A new one is shown once, in the answer to the request that made it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(TokenForm(user=request.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TokenForm(request.POST, user=request.user)
        if not form.is_valid():
            return self._show(form)
        row, token = AuthToken.objects.create(request.user, expiry=timedelta(days=form.cleaned_data["days"]))
        tell("token made", request, token=row.token_key, days=form.cleaned_data["days"])
        return self._show(form, token)

    def _show(self, form: TokenForm, token: str = "") -> HttpResponse:
        context = {"title": _("API tokens"), "form": form, "token": token, "tokens": tokens_of(self.request.user)}
        response = render(self.request, "tokens.html", context)
        response["Cache-Control"] = "no-store"
        return response


class RevokeToken(View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        key = request.POST.get("token", "")
        if key.isalnum() and tokens_of(request.user).filter(pk=key).delete()[0]:
            tell("token revoked", request)
            messages.success(request, _("The token was revoked."))
        return redirect("tokens")
