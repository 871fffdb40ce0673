"""What a sheet shows for a number, by the number format of its cell (ECMA-376 part 1, 18.8.30 and 18.8.31)."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

from smmeplus.common.spreadsheets import words

GENERAL = "General"
EXACT = Decimal(10) ** 15  # a spreadsheet keeps 15 digits of a number
SHOWN_DIGITS = 10  # of a fraction under *General*; further ones are rounded away
SMALLEST = Decimal("0.0001")  # what is smaller is shown as a power of ten
MOST_DECIMALS = 10
FORMATS = 1_000  # remembered


NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
#: What changes nothing that is seen: colours, a language, room as wide as a character, blanks that fill the cell.
_UNSEEN = re.compile(r"\[(?:black|blue|cyan|green|magenta|red|white|yellow|color ?[0-9]+|\$-[0-9a-f]+)\]|_.|\* ", re.I)
_QUOTED = re.compile(r'"[^"]*"|\\.')
_SECTIONS = re.compile(r'(?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[])*')
_POWER = re.compile("e[+-]", re.I)
_TIME = re.compile("[dmyhs]|e(?![+-])", re.I)
_DIGITS = re.compile(r"(?P<whole>[#?0]*(?:,[#?0]+)*)(?:\.(?P<least>0*)(?P<most>[#?]*))?")


class Shown(NamedTuple):
    """``text`` is what the sheet shows or, where there is a ``reason`` to refuse that as a text, the number itself.

    ``is_right_as_number``: in a column of numbers the number itself is meant.
    """

    text: str
    reason: str = ""
    is_right_as_number: bool = False


def shown(value: str, code: str) -> Shown:
    """What a sheet shows of the number ``value``, as XML has it, under the format ``code``.

    Raises ValueError if it is no number.
    """
    if code == GENERAL and value.isascii() and value.isdigit() and len(value) <= 15:
        return Shown(value)
    if not NUMBER.fullmatch(value):
        raise ValueError(f"{value[:30]} is no number")
    number = Decimal(value)
    section = _section(code, number)
    if _TIME.search(_QUOTED.sub("", section)) and section.lower() != GENERAL.lower():
        return Shown(value, words.A_TIME)
    if abs(number) >= EXACT:
        return Shown(value, words.LOST_DIGITS, is_right_as_number=True)
    if number and abs(number) < SMALLEST:
        return Shown(value, words.POWER_OF_TEN)
    rounded = Decimal(f"{number:.15g}")  # Excel stores 1.1 as 1.1000000000000001
    if _is_whole(rounded) and not _is_whole(number):
        return Shown(value, words.SHOWN_OTHERWISE)
    return _shown_by(section, rounded)


def _shown_by(section: str, number: Decimal) -> Shown:
    plain = _plain(number)
    if section.lower() in ("general", "@"):
        return _in_general(plain)
    if _POWER.search(section):
        return Shown(plain, words.POWER_OF_TEN)
    digits = _DIGITS.fullmatch(section)
    least, most = (digits["least"] or "", digits["most"] or "") if digits else ("", "")
    if not digits or not section or len(least + most) > MOST_DECIMALS:
        return Shown(plain, words.SHOWN_OTHERWISE)
    text = _in_digits(number, digits["whole"], least, most)
    if text == plain or (set(section) == {"0"} and _is_whole(number)):
        return Shown(text)
    return Shown(plain, words.SHOWN_OTHERWISE, is_right_as_number=True)


def _in_general(plain: str) -> Shown:
    if "." in plain and len(plain.strip("-0.").replace(".", "")) > SHOWN_DIGITS:
        return Shown(plain, words.SHOWN_OTHERWISE, is_right_as_number=True)
    return Shown(plain)


def _is_whole(number: Decimal) -> bool:
    return number == number.to_integral_value()


def _plain(number: Decimal) -> str:
    """A number as people write it: ``243`` for ``243.0`` and ``2.43E2``."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _in_digits(number: Decimal, whole: str, least: str, most: str) -> str:
    """``number`` under a format of digits alone, such as ``#,##0.0#``."""
    rounded = abs(number).quantize(Decimal(1).scaleb(-len(least + most)), ROUND_HALF_UP)
    before, _point, after = f"{rounded:f}".partition(".")
    before = before.lstrip("0").rjust(whole.count("0"), "0")
    if "," in whole:
        before = re.sub("(?<=.)(?=(?:...)+$)", ",", before)
    after = after[: len(least)] + after[len(least) :].rstrip("0")
    sign = "-" if number < 0 and rounded else ""
    return f"{sign}{before}.{after}" if after else f"{sign}{before}"


@lru_cache(FORMATS)
def _sections(code: str) -> tuple[str, ...]:
    return tuple(_UNSEEN.sub("", part).strip() for part in _parts(code))


def _parts(code: str) -> list[str]:
    parts: list[str] = []
    place = 0
    while place <= len(code) and len(parts) < 4:
        found = _SECTIONS.match(code, place)
        end = found.end() if found else place
        parts.append(code[place:end])
        if code[end : end + 1] not in ("", ";"):
            return [code]  # a bracket or a quotation mark that is not closed
        place = end + 1
    return parts


def _section(code: str, number: Decimal) -> str:
    """The part of ``code`` that holds for ``number``, without what is not seen: positive; negative; zero."""
    sections = _sections(code)
    if number < 0 and len(sections) > 1:
        return sections[1].removeprefix("-") if sections[1].startswith("-") else f"({sections[1]})"
    return sections[2] if not number and len(sections) > 2 else sections[0]
