"""What keys and system titles may be (SEC-3), in words that never tell a key."""

from __future__ import annotations

import hashlib
import string
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

KEY_DIGITS: Final = 32  # 16 bytes, for AES-128 of suite 0
TITLE_DIGITS: Final = 16
_HEX: Final = frozenset(string.hexdigits)


def key_of(text: str) -> bytes:
    """The 16 bytes of a key in hexadecimal digits, with blanks of any kind between them. Raises ValidationError."""
    digits = _digits(text, KEY_DIGITS, _("A key is %d hexadecimal digits.") % KEY_DIGITS)
    if len(set(bytes.fromhex(digits))) == 1:
        raise ValidationError(_("This is one byte again and again, as in an example, and no key."))
    return bytes.fromhex(digits)


def system_title_of(text: str) -> str:
    """A system title of 8 bytes, as it is stored. Raises ValidationError."""
    digits = _digits(text, TITLE_DIGITS, _("A system title is %d hexadecimal digits.") % TITLE_DIGITS)
    if not digits.strip("0"):
        raise ValidationError(_("A system title of nothing but zeros names nobody."))
    if bytes.fromhex(digits) == settings.SYSTEM_TITLE:  # its messages and ours would have the same nonces
        raise ValidationError(_("This is the system title of the head end itself (SYSTEM_TITLE)."))
    return digits


def refuse_alike(unicast: bytes, authentication: bytes) -> None:
    """Raise ValidationError if both keys are the same: one was copied twice, and no message would be read with it.

    A device that really has two equal ones gains nothing by the second, and is to be given another one.
    """
    if unicast == authentication:
        raise ValidationError(_("The unicast key and the authentication key are the same; they have to differ."))


def is_like_a_key(text: str) -> bool:
    """Whether ``text`` could be a key that came into the wrong place, where it would be shown."""
    bare = "".join(text.split())
    return len(bare) == KEY_DIGITS and _HEX.issuperset(bare)


def digest_of(unicast: bytes) -> str:
    """By which a key is known again. It does not tell the key, which is as random as the digest."""
    return hashlib.sha256(b"unicast key of a concentrator:" + unicast).hexdigest()


def _digits(text: str, wanted: int, rule: str) -> str:
    """``text`` in upper case and without blanks; ValidationError with what was seen in length and kind."""
    bare = "".join(text.split())
    others = sum(character not in _HEX for character in bare)
    if others:
        seen = (
            ngettext("%d character here is something else.", "%d characters here are something else.", others) % others
        )
        raise ValidationError(f"{rule} {seen}")
    if len(bare) != wanted:
        seen = ngettext("There is %d here.", "There are %d here.", len(bare)) % len(bare)
        lost = _("A spreadsheet may have taken zeros from its beginning.") if _may_have_lost(bare, wanted) else ""
        raise ValidationError(" ".join(filter(None, (rule, seen, lost))))
    return bare.upper()


def _may_have_lost(bare: str, wanted: int) -> bool:
    return 0 < len(bare) < wanted and bare.isdecimal()
