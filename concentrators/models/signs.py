"""What a rule on the kind of messages names: its parts, the text that stores them, and words for people (WIR-4).

The texts are those in which a message says what it has: :func:`smmeplus.dlms.kinds.keys_of`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l


class Where(models.TextChoices):
    PUSH = "push", _l("a push")
    NO_PUSH = "no push", _l("no push")
    OBJECT = "object", _l("an object")


class What(models.TextChoices):
    ANYTHING = "anything", _l("anything")
    CODE = "code", _l("event code")
    WORD = "word", _l("alarm bit")


class Limits(NamedTuple):
    least: int
    most: int


#: Event codes are of any whole-number type of COSEM. A bit-string has at most 256 bits.
LIMITS: Final[Mapping[str, Limits]] = {
    "class_id": Limits(0, 65_535),
    "code": Limits(-(2**63), 2**64 - 1),
    "word": Limits(1, 16),
    "bit": Limits(0, 255),
}
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_OBIS = rf"{_OCTET}-{_OCTET}:" + r"\.".join([_OCTET] * 4)
LOGICAL_NAME: Final = rf"\A{_OBIS}\Z"
_CODE = r"code (?P<code>0|-?[1-9]\d{0,19})"
_WORD = rf"word (?P<word>1[0-6]|[1-9]) bit (?P<bit>{_OCTET})"
_FORMS: Final[Mapping[Where, str]] = {
    Where.PUSH: rf"push (?P<name>{_OBIS})(?: {_CODE}| {_WORD})?",
    Where.NO_PUSH: rf"no push|{_CODE}|{_WORD}",
    Where.OBJECT: rf"object (?P<class_id>0|[1-9]\d{{0,4}}) (?P<name>{_OBIS})",
}
#: What a migration can keep: all forms in one. It leaves out the limits of event codes and classes.
FORM: Final = r"\A(?:{})\Z".format(re.sub(r"\?P<\w+>", "?:", "|".join(_FORMS.values())))


class Sign(NamedTuple):
    """What of a message a rule is about; the parts that its ``where`` and ``what`` do not need are empty."""

    where: Where
    what: What = What.ANYTHING
    #: The logical name of the push, or the OBIS code of the object: ``0-1:25.9.0.255``.
    name: str = ""
    class_id: int | None = None
    code: int | None = None
    #: The first alarm word is 1.
    word: int | None = None
    bit: int | None = None

    @property
    def text(self) -> str:
        """What is stored, such as ``push 0-1:25.9.0.255 word 1 bit 2``."""
        where = {Where.PUSH: f"push {self.name}", Where.OBJECT: f"object {self.class_id} {self.name}"}
        what = {What.CODE: f"code {self.code}", What.WORD: f"word {self.word} bit {self.bit}"}
        return " ".join(filter(None, (where.get(self.where), what.get(self.what)))) or "no push"

    @property
    def in_words(self) -> str:
        where = {
            Where.PUSH: _("push %(name)s"),
            Where.NO_PUSH: _("no push name"),
            Where.OBJECT: _("object %(name)s of class %(class_id)s"),
        }
        what = {
            What.ANYTHING: "" if self.where == Where.OBJECT else _("anything"),
            What.CODE: _("event code %(code)s"),
            What.WORD: _("alarm word %(word)s, bit %(bit)s"),
        }
        return ", ".join(filter(None, (where[self.where], what[self.what]))) % self._asdict()


def read_sign(text: str) -> Sign | None:
    """The parts of ``text``; None unless it is written exactly as it would be stored."""
    for where, form in _FORMS.items():
        match = re.fullmatch(form, text, re.ASCII)
        if match is not None:
            return _sign_of(where, match.groupdict())
    return None


def sign_in_words(text: str) -> str:
    """``text`` for people to read; as it is, if it is none that a rule can have."""
    sign = read_sign(text)
    return text if sign is None else sign.in_words


def _sign_of(where: Where, parts: Mapping[str, str | None]) -> Sign | None:
    numbers = {part: int(number) for part in LIMITS if (number := parts.get(part)) is not None}
    if any(not LIMITS[part].least <= number <= LIMITS[part].most for part, number in numbers.items()):
        return None
    what = What.CODE if "code" in numbers else What.WORD if "word" in numbers else What.ANYTHING
    return Sign(where, what, parts.get("name") or "", **numbers)
