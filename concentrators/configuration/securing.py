"""How the conversations with concentrators that have keys are secured (CFG-2, SEC-3)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple, TypeAlias

from django.conf import settings

from concentrators.keys.counters import Reserved, reserve
from concentrators.keys.encryption import NoKeyError, decrypted
from concentrators.models import Failure
from smmeplus.dlms.access.protection import Security
from smmeplus.dlms.ciphering.keys import Keys
from smmeplus.dlms.errors import FrameError

#: Invocation counters of one conversation: all requests that a configuration or a log may take, and more. With 24 tries
#: a day those of a key last for centuries.
OF_CONFIGURATION: Final = 1_024
OF_LOG: Final = 4_096

#: How it is secured, or why it is not begun.
Secured: TypeAlias = "Security | Failure"


class Access(NamedTuple):
    """What a concentrator is shown: a password, or its keys, or nothing; ``refusal`` is why it is not connected to."""

    password: bytes | None = None
    security: Security | None = None
    refusal: Failure | None = None


def access_of(encrypted_password: str | None, security: Secured | None) -> Access:
    """Who has keys is never asked without: nobody in between can talk the writer out of them."""
    if isinstance(security, Failure):
        return Access(refusal=security)
    if security or not encrypted_password:
        return Access(security=security)
    try:
        return Access(decrypted(encrypted_password))
    except NoKeyError:
        return Access(refusal=Failure.NO_KEY)


def secured(concentrators: Collection[int], counters: int) -> dict[int, Secured]:
    """For each of ``concentrators``, by primary keys, that has keys; so many ``counters`` of it are taken for good."""
    return {key: _security(one) for key, one in reserve(concentrators, counters).items()}


def _security(one: Reserved) -> Secured:
    if not one.counters:
        return Failure.USED_UP
    try:
        keys = Keys(decrypted(one.encrypted_unicast_key), decrypted(one.encrypted_authentication_key))
    except (NoKeyError, FrameError):
        return Failure.LOCKED
    return Security(keys, settings.SYSTEM_TITLE, bytes.fromhex(one.system_title), iter(one.counters))
