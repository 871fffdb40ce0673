"""Bytes as people copy them from logs, mails and captures."""

from __future__ import annotations

import re
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

#: A line may break inside of a byte; at any other of these a byte ends.
_LINE_BREAKS: Final = re.compile(r"[\r\n]+")
_BETWEEN: Final = re.compile(r"0x|\\x|[\s:,;-]+", re.IGNORECASE)
_NO_DIGIT: Final = re.compile(r"[^0-9A-Fa-f]")
_MAX_SHOWN: Final = 20


def bytes_of_hex(text: str, most: int) -> bytes:
    """The bytes that ``text`` writes; ValidationError says what was seen if it is no hex or over ``most`` bytes."""
    groups = [group for group in _BETWEEN.split(_LINE_BREAKS.sub("", text)) if group]
    for group in groups:
        _check(group)
    value = bytes.fromhex("".join(groups))
    if len(value) > most:
        said = _("%(count)s bytes were entered; no frame has more than %(most)s.")
        raise ValidationError(said % {"count": len(value), "most": most})
    if not value:
        raise ValidationError(_("No hex digits were entered, only what separates them."))
    return value


def _check(group: str) -> None:
    wrong = _NO_DIGIT.search(group)
    shown = group if len(group) <= _MAX_SHOWN else f"{group[:_MAX_SHOWN]}…"
    if wrong is not None:
        said = _("“%(sign)s” in “%(group)s” is not a hex digit (0 to 9, A to F).")
        raise ValidationError(said % {"sign": wrong[0], "group": _around(group, wrong.start())})
    if len(group) % 2:
        said = _("“%(group)s” has an odd number of hex digits, %(count)s. A byte has two.")
        raise ValidationError(said % {"group": shown, "count": len(group)})


def _around(group: str, place: int) -> str:
    begin = max(0, place - _MAX_SHOWN // 2)
    end = begin + _MAX_SHOWN
    return f"{'…' if begin else ''}{group[begin:end]}{'…' if end < len(group) else ''}"
