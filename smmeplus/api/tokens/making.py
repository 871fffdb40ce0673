"""What a user says of a new token, and how it is made: only by who knows the password (API-1, ACC-2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from knox.models import AuthToken

from concentrators.models import Company
from concentrators.models.networks import MAX_TEXT, tidy_networks
from smmeplus.api.tokens import DAYS, MOST_TOKENS
from smmeplus.common.forms import StyledForm
from smmeplus.common.request import user_of
from smmeplus.models.tokens import MAX_NAME, TokenDetails, begin_of, details_of
from smmeplus.people.security_log import tell
from smmeplus.sign_in import address_of

READ, WRITE = "read", "write"
#: After signing in, whoever has no password here makes tokens for so long: a directory has just asked them.
FRESH: Final = timedelta(minutes=10)


class TokenForm(StyledForm, forms.Form):
    name = forms.CharField(label=_l("Name"), max_length=MAX_NAME, help_text=_l("The program that uses it."))
    scope = forms.ChoiceField(
        label=_l("Scope"), choices=[(READ, _l("read")), (WRITE, _l("read and write"))], initial=READ
    )
    companies = forms.TypedMultipleChoiceField(
        label=_l("Companies"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "form-check-input"}),
        help_text=_l("None ticked: all of yours, now and later."),
    )
    networks = forms.CharField(
        label=_l("Networks"),
        max_length=MAX_TEXT,
        required=False,
        help_text=_l("From where it may be used, such as 10.60.0.0/16, 192.0.2.7. Empty: from anywhere."),
    )
    days = forms.TypedChoiceField(
        label=_l("Good for days"), coerce=int, choices=[(days, str(days)) for days in DAYS], initial=DAYS[1]
    )
    password = forms.CharField(
        label=_l("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_l("So that nobody makes a token at your desk while you are away."),
    )
    mandatory = ("name", "password")

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.user = user_of(request)
        self.names = dict(Company.objects.visible_to(self.user).values_list("pk", "name"))
        companies: Any = self.fields["companies"]
        companies.choices = list(self.names.items())
        if not self.user.has_usable_password():
            del self.fields["password"]

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_networks(self) -> str:
        return tidy_networks(self.cleaned_data["networks"])

    def clean_password(self) -> str:
        """By the way of the sign-in, which counts wrong ones and slows whoever guesses."""
        typed = self.cleaned_data["password"]
        if authenticate(self.request, username=self.user.get_username(), password=typed) != self.user:
            raise ValidationError(_("This is not your password."), "wrong_password")
        return ""  # no caller needs it

    def clean(self) -> dict[str, Any]:
        since = self.user.last_login
        if "password" not in self.fields and (since is None or timezone.now() - since > FRESH):
            raise ValidationError(_("Sign out and in again: within ten minutes you may make a token."), "old_session")
        return self.cleaned_data

    def make(self) -> str:
        """The new token, of which only a hash is kept. Raises ValidationError for a second one of a name, or too many.

        Of two at once the second one waits for the first.
        """
        said = self.cleaned_data
        with transaction.atomic():
            User.objects.select_for_update().get(pk=self.user.pk)
            refuse(self.user, said["name"])
            row, token = AuthToken.objects.create(self.user, expiry=timedelta(days=said["days"]))
            details = TokenDetails.objects.create(
                token=row,
                name=said["name"],
                may_write=said["scope"] == WRITE,
                companies=sorted(said["companies"]),
                networks=said["networks"],
                made_from=address_of(self.request) or None,
            )
        self._tell(details)
        return str(token)

    def _tell(self, details: TokenDetails) -> None:
        said = self.cleaned_data
        companies = sorted(self.names[key] for key in said["companies"])
        told = {"token": begin_of(details.token), "name": details.name, "days": said["days"], "scope": said["scope"]}
        tell("token made", self.request, **told, companies=companies, networks=details.networks)


def tokens_of(user: Any) -> QuerySet[Any]:
    """Those that are good now, the newest first."""
    good = Q(expiry__isnull=True) | Q(expiry__gt=timezone.now())
    tokens: QuerySet[Any] = AuthToken.objects.filter(good, user=user).select_related("details")
    return tokens.order_by("-created", "pk")


def refuse(user: User, name: str) -> None:
    """Raises ValidationError where one of that name may not be added to the user's good tokens."""
    tokens = list(tokens_of(user))
    if len(tokens) >= MOST_TOKENS:
        raise ValidationError(_("You have %(most)d tokens already; revoke one first.") % {"most": MOST_TOKENS})
    if name.casefold() in {details_of(token).name.casefold() for token in tokens}:
        raise ValidationError({"name": _("You have a token of this name already.")})
