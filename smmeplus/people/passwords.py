"""Passwords: a page to change one's own, what is refused, and what ends with an old one (ACC-2)."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from knox.models import AuthToken

from concentrators.models import Company
from smmeplus.common.forms import StyledForm
from smmeplus.common.request import user_of
from smmeplus.models import Account
from smmeplus.people.guessing import refusal_of, tell_failure
from smmeplus.people.security_log import tell

#: Words that who guesses tries first here.
_OURS = ("smm", "eplus", "smmeplus", "wakeup", "lastgasp", "meter", "concentrator")
SHORTEST_WORD = 3
#: So many letters are left of a good password without such words.
ENOUGH = 8


class GuessableWords:
    """Refuses passwords that are little more than a name of the product or of a company with some digits."""

    def validate(self, password: str, user: Any = None) -> None:
        rest = password.casefold()
        for word in sorted(_words(user), key=len, reverse=True):
            rest = rest.replace(word, "")
        if rest != password.casefold() and sum(map(str.isalpha, rest)) < ENOUGH:
            raise ValidationError(self.get_help_text(), code="guessable_words")

    def get_help_text(self) -> str:
        return _("Your name, the product's or a company's with a few digits is guessed soon: add words of your own.")

    def password_changed(self, _password: str, user: Any = None) -> None:
        """Tokens were made by who knew the former one: they end with it."""
        if user is not None and user.pk:
            AuthToken.objects.filter(user=user).delete()


def _words(user: Any) -> set[str]:
    """Of the product, of all companies and of the user, as they are compared."""
    names = [*Company.objects.values_list("name", flat=True), getattr(user, "username", "")]
    words = (word for name in names for word in re.split(r"\W+", name.casefold()))
    return {*_OURS, *(word for word in words if len(word) >= SHORTEST_WORD)}


class OwnPasswordForm(StyledForm, PasswordChangeForm):
    pass


class OwnPassword(PasswordChangeView):
    """Whoever is signed in changes their own. Their other sessions and their tokens end."""

    form_class = OwnPasswordForm
    template_name = "password.html"
    success_url = reverse_lazy("account")
    extra_context = {"title": _l("Change your password")}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return refusal_of(request, user_of(request)) or super().post(request, *args, **kwargs)

    def form_invalid(self, form: Any) -> HttpResponse:
        if form.has_error("old_password", "password_incorrect"):
            tell_failure(self.request, user_of(self.request), "password")
        return super().form_invalid(form)

    def form_valid(self, form: Any) -> HttpResponse:
        Account.objects.filter(user=user_of(self.request)).update(must_change_password=False)
        tell("password changed", self.request)
        messages.success(
            self.request, _("Your password was changed. Your other sessions and your API tokens have ended.")
        )
        return super().form_valid(form)
