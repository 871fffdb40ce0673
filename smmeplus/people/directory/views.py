"""To the directory, and back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import SuspiciousOperation
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import View
from jwt import PyJWTError
from mozilla_django_oidc.views import OIDCAuthenticationRequestView
from requests import RequestException

from smmeplus.kept.storing import KEY, LASTS_S
from smmeplus.people.directory.provider import Directory, DirectoryError, is_on, library_setting
from smmeplus.people.directory.users import NoRoleError, user_for
from smmeplus.people.security_log import tell
from smmeplus.people.steps.pending import DIRECTORY, begin
from smmeplus.people.steps.views import where_next

#: What an answer that is not as it should be ends in, here and in the libraries.
_WRONG = (DirectoryError, PyJWTError, RequestException, SuspiciousOperation, IntegrityError)
_SHAPES = (KeyError, ValueError, TypeError, AttributeError)  # of what should be an object with more in it


@method_decorator(login_not_required, name="dispatch")
class ToDirectory(OIDCAuthenticationRequestView):  # type: ignore[misc] # it has no types
    def __init__(self, **kwargs: Any) -> None:
        View.__init__(self, **kwargs)  # the library's asks for addresses, which are not known yet

    @staticmethod
    def get_settings(attr: str, *args: Any) -> Any:
        return library_setting(attr, *args)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_on():
            return redirect_to_login(request.get_full_path())
        if request.user.is_authenticated:
            return redirect("home")
        request.session.set_expiry(LASTS_S)  # anybody may begin, and leave it at that
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get(self, request: HttpRequest) -> HttpResponseBase:
        try:
            self.OIDC_OP_AUTH_ENDPOINT = library_setting("OIDC_OP_AUTHORIZATION_ENDPOINT")
        except (*_WRONG, *_SHAPES) as error:
            return _refused(request, error)
        self.OIDC_RP_CLIENT_ID = library_setting("OIDC_RP_CLIENT_ID")
        response: HttpResponseBase = super().get(request)
        return response


@method_decorator(login_not_required, name="dispatch")
class FromDirectory(View):
    http_method_names = ["get"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_on() or "state" not in request.GET:
            return redirect_to_login(request.path)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Each state is good for one answer, in the browser that asked."""
        asked = request.session.get("oidc_states", {}).pop(request.GET["state"], None)
        request.session.modified = True
        try:
            if asked is None or "code" not in request.GET:
                raise DirectoryError(request.GET.get("error") or "not asked for")
            user = user_for(Directory().claims_of(request, request.GET["code"], asked))
        except (*_WRONG, *_SHAPES) as error:
            return _refused(request, error)
        back = request.session.pop("oidc_login_next", None) or reverse("home")
        pending = begin(request, user, DIRECTORY, reverse("go-on") if KEY in request.session else back)
        return redirect(where_next(request, user, pending))


def _refused(request: HttpRequest, error: Exception) -> HttpResponseBase:
    why = str(error) if isinstance(error, DirectoryError) else type(error).__name__
    tell("sign-in failed", request, method=DIRECTORY, why=why)
    if isinstance(error, NoRoleError):
        messages.error(request, _("Your directory gives you no role here. Ask whoever looks after it."))
    else:
        messages.error(request, _("Signing in through your directory did not work. Ask whoever looks after it."))
    return redirect("login")
