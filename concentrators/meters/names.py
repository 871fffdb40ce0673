"""What the name of a meter tells, and the one form of a MAC: the only place that knows the rules of makers (MET-1)."""

from __future__ import annotations

import re

from concentrators.models.meters import MeterKind

#: The meter of the substation itself: one series of Circutor's, and of ZIV the number of the concentrator with an S.
_SUPERVISORS = ("CIR2081", "ZIVS00")
_OF_A_MAKER = re.compile(r"([A-Z]{3})S?[0-9]+")
_MAC = re.compile(r"(?:0X)?([0-9A-F]{2}(?:[:. -]?[0-9A-F]{2})*)")
_DIGITS = (12, 16)  # EUI-48 and EUI-64


def kind_of(name: str) -> MeterKind:
    """As its series tells; the master file may say otherwise."""
    return MeterKind.SUPERVISOR if name.upper().startswith(_SUPERVISORS) else MeterKind.CUSTOMER


def manufacturer_of(name: str) -> str:
    """The three letters before its number, as CIR, ZIV, SAG, ITE, LGZ or ORB; empty for a name of another form."""
    found = _OF_A_MAKER.fullmatch(name.upper())
    return found[1] if found else ""


def canonical_mac(text: str) -> str:
    """12 or 16 hexadecimal digits in upper case, from ``40:40:22:…``, ``0x4040…`` or bare ones.

    Empty if it is none, or if all digits are 0 or all are F: a field that nobody has filled.
    """
    found = _MAC.fullmatch(text.strip().upper())
    digits = re.sub(r"[^0-9A-F]", "", found[1]) if found else ""
    return digits if len(digits) in _DIGITS and set(digits) not in ({"0"}, {"F"}) else ""
