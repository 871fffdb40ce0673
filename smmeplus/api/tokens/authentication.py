"""Authentication by a token in the header, and what the token itself forbids (API-1)."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox import auth
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from smmeplus.common.acting import Acting, act_by
from smmeplus.common.api.problems import ForbiddenTokenError
from smmeplus.common.networks import is_within, read_networks
from smmeplus.models.tokens import TokenDetails, begin_of, details_of, note_use
from smmeplus.people.security_log import tell
from smmeplus.sign_in import address_of


class TokenAuthentication(auth.TokenAuthentication):
    """Reads ``Authorization: Bearer TOKEN``. Tokens in addresses are not accepted: they would be logged by proxies.

    Tokens are stored as hashes, expire, and allow what their user is allowed now, as far as they do themselves: each
    address asked, each method and each company goes through here, whatever its view permits.
    """

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        """Raises ForbiddenTokenError for a good token that is not for this method, or not for the sender's address."""
        pair = super().authenticate(request)
        if pair is None:
            return None
        user, token = pair
        details = details_of(token)
        _check(details, user, request)
        act_by(user, Acting(begin_of(token), "" if details.is_nameless else details.name, frozenset(details.companies)))
        note_use(details, timezone.now().date())
        return user, token

    def authenticate_credentials(self, token: bytes) -> tuple[User, Any]:
        """The user and the stored token. Raises AuthenticationFailed for any bytes that are not a token.

        One that has ended is told so, for a program's operator would look for a typing error else, and stays: others
        delete it, with some delay.
        """
        stored = _stored(token)
        if stored is None:
            raise AuthenticationFailed(_("Invalid token."), "token_invalid")
        if stored.expiry is not None and stored.expiry <= timezone.now():
            raise AuthenticationFailed(_("This token has ended. Make another one."), "token_expired")
        if not stored.user.is_active:
            raise AuthenticationFailed(_("The user of this token is disabled."), "user_disabled")
        return stored.user, stored


def _stored(token: bytes) -> Any:
    if not token.isascii():
        return None
    found = AuthToken.objects.select_related("user", "details")
    return found.filter(digest=hash_token(token.decode("ascii"))).first()


def _check(details: TokenDetails, user: User, request: Request) -> None:
    address = address_of(_django(request))
    if details.networks and not _is_from(address, details.networks):
        _refuse(details, user, request, "token_network", _("This token may not be used from %s.") % address)
    if not details.may_write and request.method not in SAFE_METHODS:
        _refuse(details, user, request, "token_read_only", _("This token only reads."))


def _is_from(address: str, networks: str) -> bool:
    """False for what is no address, such as that of a local socket."""
    try:
        one = ip_address(address)
    except ValueError:
        return False
    plain = getattr(one, "ipv4_mapped", None) or one  # of a socket that takes both kinds
    return is_within(str(plain), read_networks(networks.split()))


def _refuse(details: TokenDetails, user: User, request: Request, code: str, said: str) -> None:
    told = {"token": begin_of(details.token), "name": details.name, "method": request.method, "path": request.path}
    tell("token refused", _django(request), user=user.get_username(), reason=code, **told)
    raise ForbiddenTokenError(said, code)


def _django(request: Request) -> HttpRequest:
    """The request of Django: to ask that of DRF for its user would authenticate once more."""
    found: HttpRequest = request._request  # noqa: SLF001
    return found


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
