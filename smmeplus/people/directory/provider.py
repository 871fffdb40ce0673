"""Who the directory says somebody is. Of mozilla-django-oidc the exchange, of ours what it leaves unchecked.

It compares neither the issuer nor for whom a token is, and waits for answers without an end.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Final

import requests
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

_TIMEOUT_S: Final = 10
_KNOWN_S: Final = 60 * 60
_LONGEST_SUBJECT: Final = 255
_ENDPOINTS: Final = {
    "OIDC_OP_AUTHORIZATION_ENDPOINT": "authorization_endpoint",
    "OIDC_OP_TOKEN_ENDPOINT": "token_endpoint",
    "OIDC_OP_USER_ENDPOINT": "userinfo_endpoint",
    "OIDC_OP_JWKS_ENDPOINT": "jwks_uri",
}


class DirectoryError(Exception):
    """Why somebody is not let in, for the security log."""


def is_on() -> bool:
    return bool(settings.OIDC_ISSUER)


def library_setting(name: str, *default: Any) -> Any:
    """What mozilla-django-oidc asks for. Raises DirectoryError and RequestException while addresses are unknown."""
    if name in _ENDPOINTS:
        return _endpoints()[_ENDPOINTS[name]]
    known = {
        "OIDC_RP_CLIENT_ID": settings.OIDC_CLIENT_ID,
        "OIDC_RP_CLIENT_SECRET": settings.OIDC_CLIENT_SECRET,
        "OIDC_RP_SIGN_ALGO": "RS256",
        "OIDC_RP_SCOPES": "openid email profile",
        "OIDC_USE_PKCE": True,
        "OIDC_TIMEOUT": _TIMEOUT_S,
        "OIDC_AUTHENTICATION_CALLBACK_URL": "directory-answer",
    }
    return known[name] if name in known else default[0]


class Directory(OIDCAuthenticationBackend):  # type: ignore[misc] # it has no types
    @staticmethod
    def get_settings(attr: str, *args: Any) -> Any:
        return library_setting(attr, *args)

    def claims_of(self, request: HttpRequest, code: str, asked: dict[str, Any]) -> dict[str, Any]:
        """What the directory says of who comes back with ``code``; ``asked`` are nonce and verifier of PKCE.

        Raises DirectoryError, and what jwt, requests and the library raise.
        """
        tokens = self.get_token(
            {
                "client_id": settings.OIDC_CLIENT_ID,
                "client_secret": settings.OIDC_CLIENT_SECRET,
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": request.build_absolute_uri(reverse("directory-answer")),
                "code_verifier": asked["code_verifier"],
            }
        )
        told: dict[str, Any] = self.verify_token(tokens["id_token"], nonce=asked["nonce"])
        check(told)
        more = self.get_userinfo(tokens["access_token"], tokens["id_token"], told)
        if more.get("sub") != told["sub"]:
            raise DirectoryError("the two answers are about two people")
        return {**told, **more}


def check(told: dict[str, Any]) -> None:
    """Raise DirectoryError unless the token is of our directory, for us, ends, and names somebody."""
    audience = told.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    client: str = settings.OIDC_CLIENT_ID
    subject = told.get("sub")
    wrong = {
        "issuer": told.get("iss") != settings.OIDC_ISSUER,
        "audience": client not in audiences,
        "authorized party": told.get("azp", client) != client or (len(audiences) > 1 and "azp" not in told),
        "end": not isinstance(told.get("exp"), int | float),
        "subject": not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT or "\0" in subject,
        "second factor": not _has_second_factor(told),
    }
    if found := [name for name, is_wrong in wrong.items() if is_wrong]:
        raise DirectoryError(f"wrong {', '.join(found)}")


def _has_second_factor(told: dict[str, Any]) -> bool:
    wanted: list[str] = settings.OIDC_AMR
    used = told.get("amr")
    return not wanted or (isinstance(used, list) and not set(wanted).isdisjoint(map(str, used)))


def _endpoints() -> dict[str, str]:
    """As the issuer publishes them."""
    issuer: str = settings.OIDC_ISSUER
    key = f"directory-{sha256(issuer.encode()).hexdigest()}"
    known: dict[str, str] | None = cache.get(key)
    if known is None:
        address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        answer = requests.get(address, timeout=_TIMEOUT_S)
        answer.raise_for_status()
        said = answer.json()
        if said.get("issuer") != issuer:
            raise DirectoryError("the issuer calls itself otherwise")
        known = {name: str(said[name]) for name in _ENDPOINTS.values()}
        cache.set(key, known, _KNOWN_S)
    return known
