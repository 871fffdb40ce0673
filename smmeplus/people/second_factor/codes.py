"""Who has a second factor, who must have one, and whether a code is right.

An app's code holds for its half minute and those beside it, once. A recovery code holds once.
"""

from __future__ import annotations

import re
import secrets
import time
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken

from smmeplus.models import Authenticator
from smmeplus.people.second_factor.sealing import SealError, hashed, opened, sealed

KEY_BYTES: Final = 20
RECOVERY_CODES: Final = 10
#: Without letters and digits that look alike on paper.
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_LETTERS: Final = 12
_BETWEEN: Final = re.compile(r"[\s-]")
ISSUER: Final = "SMM ePlus"


class TooSoonError(Exception):
    """After wrong codes the next one is not looked at before ``seconds`` have passed."""

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Right:
    is_recovery: bool


def demanded_of(user: User) -> bool:
    """Whether SECOND_FACTOR wants one of ``user``."""
    policy: str = settings.SECOND_FACTOR
    return policy == "all" or (policy == "staff" and (user.is_staff or user.is_superuser))


def has_one(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, confirmed=True).exists())


def is_right(user: User, typed: str) -> Right | None:
    """None if ``typed`` is no code of ``user``'s, or was used before. Raises TooSoonError."""
    code = _BETWEEN.sub("", typed).lower()
    is_recovery = not re.fullmatch("[0-9]{6}", code)
    with transaction.atomic():
        device = _device_of(user, is_recovery)
        if device is None:
            return None
        is_allowed, why = device.verify_is_allowed()
        if not is_allowed:
            raise TooSoonError(_seconds_until(why["locked_until"]))
        try:
            good = device.verify_token(hashed(code) if is_recovery else code)
        except SealError:
            return None
    return Right(is_recovery) if good else None


def new_key() -> str:
    """Of an app that is being set up, sealed."""
    return sealed(secrets.token_bytes(KEY_BYTES))


def in_words(key: str) -> str:
    """``key``, as it is typed into an app. Raises SealError."""
    text = b32encode(opened(key)).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def address_for_app(user: User, key: str) -> str:
    """What an app reads out of the square. Raises SealError."""
    asked = {"secret": b32encode(opened(key)).decode(), "issuer": ISSUER, "algorithm": "SHA1", "digits": 6}
    return f"otpauth://totp/{quote(f'{ISSUER}:{user.get_username()}')}?{urlencode(asked, quote_via=quote)}"


def set_up(user: User, key: str, typed: str) -> list[str] | None:
    """The recovery codes; None if ``typed`` is not what an app with ``key`` shows now. Raises SealError."""
    code = _BETWEEN.sub("", typed)
    app = TOTP(opened(key))
    app.time = time.time()
    if not re.fullmatch("[0-9]{6}", code) or not app.verify(int(code), tolerance=1):
        return None
    with transaction.atomic():
        remove(user)
        Authenticator.objects.create(user=user, name="app", key=key, confirmed=True, last_t=app.t())
        return new_recovery_codes(user)


def new_recovery_codes(user: User) -> list[str]:
    """The former ones hold no more. They are stored hashed, so nobody sees them again."""
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS)) for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="paper", confirmed=True)
        StaticToken.objects.bulk_create(StaticToken(device=device, token=hashed(code)) for code in codes)
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def recovery_codes_left(user: User) -> int:
    return int(StaticToken.objects.filter(device__user=user).count())


def remove(user: User) -> bool:
    """Whether there was one."""
    StaticDevice.objects.filter(user=user).delete()
    return bool(Authenticator.objects.filter(user=user).delete()[0])


def _device_of(user: User, is_recovery: bool) -> Any:
    """Locked: of two requests with the same code one waits, and is then refused."""
    model: Any = StaticDevice if is_recovery else Authenticator
    return model.objects.select_for_update().filter(user=user, confirmed=True).first()


def _seconds_until(moment: datetime) -> int:
    return max(1, int((moment - timezone.now()).total_seconds()) + 1)
