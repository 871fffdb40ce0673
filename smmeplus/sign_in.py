"""The sign-in (ACC-1)."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRefresh

from smmeplus.common.wording.durations import in_words
from smmeplus.kept.owner import owner_of
from smmeplus.kept.storing import KEY, TOO_LARGE
from smmeplus.people.addresses import address_of as address_of
from smmeplus.people.directory.provider import is_on
from smmeplus.people.guessing import slowed, wait_of
from smmeplus.people.security_log import tell
from smmeplus.people.steps.pending import PASSWORD, begin
from smmeplus.people.steps.views import where_next

_LONGEST_NAME = 150  # of a user


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
            has_directory=is_on(),
            has_ended=bool(self.get_redirect_url()) and owner_of(self.request) is not None,
            is_kept=KEY in session,
            was_too_large=TOO_LARGE in session,
        )

    def get_success_url(self) -> str:
        """Where something is kept, to it: that view also throws away what another user had typed."""
        return reverse("go-on") if KEY in self.request.session else super().get_success_url()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Who has guessed too much is refused before any password is compared."""
        name = unicodedata.normalize("NFKC", request.POST.get("username", "")[:_LONGEST_NAME])
        wait = wait_of(request, name)
        if not wait:
            return super().post(request, *args, **kwargs)
        tell("slowed", request, user=name, seconds=wait)
        context = self.get_context_data(form=SignInForm(request), wait=in_words(timedelta(seconds=wait)))
        return slowed(self.render_to_response(context), wait)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """The password was right. Whether that is all is up to the account."""
        self.request.session.pop(TOO_LARGE, None)  # it has been said
        user = form.get_user()
        pending = begin(self.request, user, PASSWORD, self.get_success_url())
        return redirect(where_next(self.request, user, pending))


class SignOut(LogoutView):
    """Nobody reads with *Back* afterwards, on a shared desk, what was on the screen before."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache"'
        return response
