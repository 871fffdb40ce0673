"""What the cells of an installation file mean, by the rules of the model (CON-1, CON-5)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any, NamedTuple, TypeAlias, cast

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.backends.base.operations import BaseDatabaseOperations
from django.utils.translation import gettext as _
from openpyxl.cell.cell import ERROR_CODES

from concentrators.models import Concentrator, ConcentratorType
from profiles.models import SpontaneousProfile
from profiles.names import fold_name
from smmeplus.common.exporting import FORMULA_STARTS, unescape_formula

REQUIRED = "serial_number"
#: In the order of the template, which has the profile behind type and manufacturer.
COLUMN_NAMES = (REQUIRED, *Concentrator.FACTS[:2], "profile", *Concentrator.FACTS[2:])
#: The attributes of a concentrator that the other columns set, in the same order.
ATTRIBUTES = tuple(Concentrator._meta.get_field(name).attname for name in COLUMN_NAMES[1:])
TYPE, PROFILE = ATTRIBUTES.index("type_id"), ATTRIBUTES.index("profile_id")

#: What the rules for two columns take as it is; whatever else they take or refuse, they are asked.
SERIAL_NUMBER = re.compile(r"[0-9A-Z]{1,32}")
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
ADDRESS = re.compile(rf"(?:{_OCTET}[.]){{3}}{_OCTET}")

REMEMBERED = 50_000  # values of a column; types, profiles, substations and feeders come again and again


class Refusal(NamedTuple):
    """Why a cell is not taken: what would be right."""

    reason: str


Parser: TypeAlias = Callable[[str], str | int | Refusal]


def parsers() -> dict[str, Parser]:
    """For each column what turns a trimmed, non-empty cell into the model's value, or into a Refusal.

    Types and profiles are those of this moment: two queries.
    """
    types = ConcentratorType.objects.values_list("name", "pk")
    profiles = SpontaneousProfile.objects.values_list("name", "pk")
    return {
        "serial_number": _quickly(SERIAL_NUMBER, partial(_serial_number, _by_model("serial_number"))),
        "type": _remembering(_key_of(types, _("No type has this name; there are: %s."))),
        "manufacturer": _remembering(partial(_line_of_text, _by_model("manufacturer"))),
        "profile": _remembering(_key_of(profiles, _("No spontaneous profile has this name; there are: %s."))),
        "management_ip": _quickly(ADDRESS, partial(_address, _by_model("management_ip"))),
        "management_port": _remembering(partial(_whole_number, *_range("management_port"))),
        "substation": _remembering(partial(_line_of_text, _by_model("substation"))),
        "feeder": _remembering(partial(_line_of_text, _by_model("feeder"))),
        "customers": _remembering(partial(_whole_number, *_range("customers"))),
    }


def _serial_number(clean: Callable[[str], str], text: str) -> str:
    """``text`` in upper case; ValidationError unless it is a serial number (CON-1)."""
    # Only ASCII is put in upper case: “ß” would become a valid “SS”.
    return clean(text.upper() if text.isascii() else text)


def _parser(rule: Callable[[str], str | int]) -> Parser:
    def parse(text: str) -> str | int | Refusal:
        try:
            return rule(_plain(text))
        except ValidationError as error:
            return Refusal(" ".join(error.messages))

    return parse


def _remembering(rule: Callable[[str], str | int]) -> Parser:
    """For columns in which the same values come again and again."""
    return lru_cache(REMEMBERED)(_parser(rule))


def _quickly(usual: re.Pattern[str], rule: Callable[[str], str | int]) -> Parser:
    """For columns in which each value is another one: what is ``usual``, and so right as it is, skips the rule."""
    parse, is_usual = _parser(rule), usual.fullmatch
    return lambda text: text if is_usual(text) else parse(text)


def _plain(text: str) -> str:
    """The text of a cell, without the apostrophe that marks it as text; ValidationError for a formula."""
    if text.startswith(FORMULA_STARTS) and not text.startswith("-"):  # a number, or a dash
        raise ValidationError(_("A formula; write the value itself."))
    if text in ERROR_CODES:
        raise ValidationError(_("An error of the spreadsheet; write the value itself."))
    return unescape_formula(text)


def _by_model(name: str) -> Callable[[str], str]:
    """What the model takes for the field ``name``, or raises ValidationError for."""
    return partial(_field(name).clean, model_instance=None)


def _field(name: str) -> models.Field[Any, Any]:
    return cast("models.Field[Any, Any]", Concentrator._meta.get_field(name))


def _line_of_text(clean: Callable[[str], str], text: str) -> str:
    if not text.isprintable() and any(unicodedata.category(character) == "Cc" for character in text):
        raise ValidationError(_("One line of text, without line breaks, tabs and control characters."))
    return clean(text)


def _address(clean: Callable[[str], str], text: str) -> str:
    try:
        return clean(text)
    except ValidationError:
        raise ValidationError(_("An IPv4 address is four numbers from 0 to 255, like 10.60.0.10.")) from None


def _whole_number(lowest: int, highest: int, text: str) -> int:
    # int() alone would take “1_000”, “٣” and a text of thousands of digits.
    if text.isascii() and text.isdigit() and len(text) <= len(str(highest)) and lowest <= int(text) <= highest:
        return int(text)
    raise ValidationError(_("A whole number from %(lowest)d to %(highest)d.") % {"lowest": lowest, "highest": highest})


def _range(field: str) -> tuple[int, int]:
    """The numbers that the model allows, on any database: SQLite alone would take greater ones."""
    lowest, highest = BaseDatabaseOperations.integer_field_ranges["PositiveIntegerField"]
    validators = _field(field).validators
    lows = [one.limit_value for one in validators if isinstance(one, MinValueValidator)]
    highs = [one.limit_value for one in validators if isinstance(one, MaxValueValidator)]
    return max([lowest, *lows]), min([highest, *highs])


def _key_of(pairs: Iterable[tuple[str, int]], refusal: str) -> Callable[[str], int]:
    """What finds the key to a name, without regard to case; a name as it is written comes first.

    ``refusal`` says that there is none, with ``%s`` for the names there are.
    """
    exact = dict(pairs)
    folded = {fold_name(name): key for name, key in exact.items()}
    names = ", ".join(sorted(exact, key=fold_name)) or _("none yet")

    def key_of(name: str) -> int:
        key = exact.get(name) or folded.get(fold_name(name))
        if key is None:
            raise ValidationError(refusal % names)
        return key

    return key_of
