"""Who asks: a token in the header, or the session of a browser (API-1)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox import auth
from rest_framework.exceptions import AuthenticationFailed


class TokenAuthentication(auth.TokenAuthentication):
    """``Authorization: Bearer TOKEN``, and nowhere else: addresses end up in the logs of proxies.

    Tokens are kept as hashes, end at their time, and are worth what their user may do now.
    """

    def authenticate_credentials(self, token: bytes) -> tuple[Any, Any]:
        """The user and the token of ``token``; raises AuthenticationFailed for any bytes that are none."""
        if not token.isascii():  # knox would fail to decode it
            raise AuthenticationFailed
        pair: tuple[Any, Any] = super().authenticate_credentials(token)
        return pair


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes it; drf-spectacular finds this class by itself."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token made on the page *API tokens*, sent as `Authorization: Bearer smm_…`.",
        }
