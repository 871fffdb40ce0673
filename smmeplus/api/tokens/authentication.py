"""Authentication by a token in the header (API-1)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox import auth
from rest_framework.exceptions import AuthenticationFailed


class TokenAuthentication(auth.TokenAuthentication):
    """Reads ``Authorization: Bearer TOKEN``. Tokens in addresses are not accepted: they would be logged by proxies.

    Tokens are stored as hashes, expire, and allow what their user is allowed now.
    """

    def authenticate_credentials(self, token: bytes) -> tuple[Any, Any]:
        """The user and the stored token. Raises AuthenticationFailed for any bytes that are not a token."""
        if not token.isascii():  # knox would fail to decode it
            raise AuthenticationFailed
        pair: tuple[Any, Any] = super().authenticate_credentials(token)
        return pair


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Its description in the schema. drf-spectacular finds this class by itself."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token made on the page *API tokens*, sent as `Authorization: Bearer smm_…`.",
        }
