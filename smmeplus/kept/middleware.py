from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure
from django_htmx.http import HttpResponseClientRedirect

from smmeplus.common.api.problems import problem
from smmeplus.kept.owner import remember_owner
from smmeplus.kept.storing import keep, page_of

#: How Django's reasons begin where the page was opened before its user has signed in anew. Others speak of the origin.
_OLD_TOKEN = "CSRF "  # noqa: S105 - no password
_NOT_KEPT = ("login", "logout", "set_language", "go-on", "sign-in-code", "sign-in-set-up", "sign-in-password", "")


class SignInMiddleware(LoginRequiredMiddleware):
    """Everything needs a sign-in (ACC-1), and what is sent without one is kept for after it (UI-9)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(self._respond)
        self._next = get_response

    def _respond(self, request: HttpRequest) -> HttpResponseBase:
        response = self._next(request)
        remember_owner(request, response)
        return response

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        if _is_program(request):
            return _refused()  # type: ignore[return-value] # of Django's, which only sends on
        if request.method != "POST":
            return super().handle_no_permission(request, view_func)
        if _view_of(request) not in _NOT_KEPT:
            keep(request)
        # Many of these addresses cannot be opened; the page can that has sent it.
        return redirect_to_login(page_of(request) or request.get_full_path())


def _is_program(request: HttpRequest) -> bool:
    """Whether it brings credentials, and would take the sign-in page for what it has asked for.

    A browser sends some, too, behind a proxy that asks for a password of its own.
    """
    scheme = request.headers.get("Authorization", "").partition(" ")[0].lower()
    return bool(scheme) and not (scheme == "basic" and "text/html" in request.headers.get("Accept", ""))


def _refused() -> HttpResponse:
    said = _("This is a page for people. A token is for the addresses under /api/.")
    response = problem(401, said, code="not_authenticated")
    response["WWW-Authenticate"] = "Bearer"
    return response


def old_form(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """For CSRF_FAILURE_VIEW: a form that was opened before its user has signed in anew is kept and shown again.

    Only if the browser says that it comes from a page of ours: Django compares that with our address before it looks
    at the token.
    """
    if not reason.startswith(_OLD_TOKEN) or "Origin" not in request.headers:
        return csrf_failure(request, reason)
    is_kept = _view_of(request) not in _NOT_KEPT
    if is_kept:
        keep(request)
    back = reverse("go-on") if is_kept and request.user.is_authenticated else reverse("home")
    url = back if request.user.is_authenticated else reverse("login", query={"next": page_of(request) or back})
    is_part = request.htmx  # type: ignore[attr-defined] # set by the middleware
    return HttpResponseClientRedirect(url) if is_part else redirect(url)


def _view_of(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return ""
