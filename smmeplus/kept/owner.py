"""A cookie that says whose browser it was after the session has ended, so that nobody else gets what was typed."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

COOKIE = "smmeplus_owner"
_SALT = "smmeplus.kept.owner"
_AGE_S = 30 * 24 * 60 * 60


def owner_of(request: HttpRequest) -> str | None:
    """The key of the user who was signed in last in this browser; None if none was, or the cookie is not ours."""
    try:
        return str(signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_AGE_S))
    except signing.BadSignature:
        return None


def remember_owner(request: HttpRequest, response: HttpResponseBase) -> None:
    """Write the cookie if somebody is signed in by a session, and not by a token, and it does not say who."""
    key = request.session.get(SESSION_KEY)
    if key is None or owner_of(request) == key:
        return
    response.set_cookie(
        COOKIE,
        signing.dumps(key, salt=_SALT),
        max_age=_AGE_S,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
