"""What the cells of an installation file mean, by the rules of the model (CON-1, CON-5)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple, TypeAlias, cast

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.backends.base.operations import BaseDatabaseOperations
from django.utils import translation
from django.utils.translation import gettext as _

from concentrators.importing.spoilt import TOTALS, is_error, is_mojibake, is_power_of_ten, is_total, whole_part
from concentrators.keys.encryption import NoKeyError, encrypted
from concentrators.keys.passwords import LONGEST_PASSWORD
from concentrators.keys.rules import key_of, system_title_of
from concentrators.models import Company, Concentrator, ConcentratorType, ManagementAddress
from concentrators.models.lines import tidy
from concentrators.models.networks import tidy_networks
from profiles.models import SpontaneousProfile
from profiles.names import fold_name
from smmeplus.common.exporting import DASHES, FORMULA_STARTS, unescape_formula
from smmeplus.common.spreadsheets.words import POWER_OF_TEN

REQUIRED = "serial_number"
#: In the order of the template, which has the profile behind type and manufacturer.
COLUMN_NAMES = (REQUIRED, *Concentrator.FACTS[:2], "profile", *Concentrator.FACTS[2:])
#: Columns that are read and never written into any file; they are no facts of the inventory.
PASSWORD = "management_password"  # noqa: S105 - the name of a column
SYSTEM_TITLE, UNICAST, AUTHENTICATION, CIPHERED_ONLY = KEY_NAMES = (
    *("system_title", "unicast_key", "authentication_key"),
    "ciphered_only",
)
READ_NAMES = (*COLUMN_NAMES, PASSWORD, *KEY_NAMES)
#: What stands in them is told nowhere, be it right or wrong.
SECRET_NAMES = frozenset({PASSWORD, UNICAST, AUTHENTICATION})
#: Columns of the export that a file may have, too: what they say is compared and never written.
COMPANY, STATE = "company", "state"
COMPARED_NAMES = (COMPANY, STATE)
NUMBERS = frozenset({"management_port", "customers", "is_canary", CIPHERED_ONLY})
_ATTRIBUTE_OF = {field.name: field.attname for field in Concentrator._meta.fields}
#: The attributes of a concentrator that the other columns set, in the same order.
ATTRIBUTES = tuple(_ATTRIBUTE_OF[name] for name in COLUMN_NAMES[1:])
TYPE, PROFILE = ATTRIBUTES.index("type_id"), ATTRIBUTES.index("profile_id")

#: Values of two columns that are certainly right as they are. All others go through the rule of the column.
SERIAL_NUMBER = re.compile(r"[0-9A-Z]{1,32}")
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
ADDRESS = re.compile(rf"(?:{_OCTET}[.]){{3}}{_OCTET}")

_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})  # a spreadsheet writes TRUE

NEXT_LINE = "\x85"  # a blank, whatever Unicode calls it

REMEMBERED = 50_000  # values of a column; types, profiles, substations and feeders repeat a lot


class Refusal(NamedTuple):
    """Why a cell is refused, in words that say what would be right."""

    reason: str


Parser: TypeAlias = Callable[[str], str | int | Refusal]


def parsers(company: Company | None) -> dict[str, Parser]:
    """For each column the function that turns a trimmed, non-empty cell into the model's value, or a Refusal.

    Reads the present types, and the profiles that ``company`` can use, with two queries.
    """
    types = ConcentratorType.objects.values_list("name", "pk")
    profiles = SpontaneousProfile.objects.usable_by(company).values_list("name", "pk")
    return {
        "serial_number": _quickly(SERIAL_NUMBER, partial(serial_number, by_model("serial_number"))),
        "type": remembering(_key_of(types, _("No type has this name; there are: %s."))),
        "manufacturer": remembering(partial(line_of_text, by_model("manufacturer"))),
        "profile": remembering(_key_of(profiles, _("No spontaneous profile has this name; there are: %s."))),
        "management_ip": _quickly(ADDRESS, partial(_address, by_model("management_ip"))),
        "management_port": remembering(partial(whole_number, *_range("management_port"))),
        "substation": remembering(partial(line_of_text, by_model("substation"))),
        "feeder": remembering(partial(line_of_text, by_model("feeder"))),
        "customers": remembering(partial(whole_number, *_range("customers"))),
        "expected_networks": remembering(partial(_networks, by_model("expected_networks"))),
        "management_address": remembering(_choice(ManagementAddress.values)),
        "region": remembering(partial(line_of_text, by_model("region"))),
        "carrier": remembering(partial(line_of_text, by_model("carrier"))),
        "time_zone": remembering(by_model("time_zone")),
        "is_canary": remembering(_truth),
        PASSWORD: _parser(_password),  # which remembers none
        SYSTEM_TITLE: _parser(system_title_of),
        UNICAST: _parser(_key),
        AUTHENTICATION: _parser(_key),
        CIPHERED_ONLY: remembering(_truth),
    }


def serial_number(clean: Callable[[str], str], text: str) -> str:
    """``text`` in upper case; ValidationError unless it is a serial number (CON-1)."""
    if is_total(text):
        raise ValidationError(_("This row is a total and no concentrator."))
    # Only ASCII, because “ß” would become a valid “SS”.
    return clean(text.upper() if text.isascii() else text)


def _parser(rule: Callable[[str], str | int]) -> Parser:
    def parse(text: str) -> str | int | Refusal:
        try:
            return rule(plain(text))
        except ValidationError as error:
            return Refusal(" ".join(error.messages))

    return parse


def remembering(rule: Callable[[str], str | int]) -> Parser:
    """A cached parser, for columns whose values repeat."""
    return lru_cache(REMEMBERED)(_parser(rule))


def _quickly(usual: re.Pattern[str], rule: Callable[[str], str | int]) -> Parser:
    """For columns whose values are all different: a value that matches ``usual`` is right, and skips the rule."""
    parse, is_usual = _parser(rule), usual.fullmatch
    return lambda text: text if is_usual(text) and text not in TOTALS else parse(text)


def plain(text: str) -> str:
    """The text of a cell, without the apostrophe that marks it as text; ValidationError for a formula."""
    if text.startswith(FORMULA_STARTS) and not text.startswith(DASHES):  # a number, or a dash
        raise ValidationError(_("A formula; write the value itself."))
    if is_error(text):
        raise ValidationError(_("An error of the spreadsheet; write the value itself."))
    return unescape_formula(text)


def by_model(name: str) -> Callable[[str], str]:
    """The model's own check of the field ``name``; it raises ValidationError."""
    return partial(field_of(name).clean, model_instance=None)


def field_of(name: str) -> models.Field[Any, Any]:
    return cast("models.Field[Any, Any]", Concentrator._meta.get_field(name))


def line_of_text(clean: Callable[[str], str], text: str) -> str:
    if not text.isprintable() and any(map(_is_control, text)):
        raise ValidationError(_("One line of text, without line breaks, tabs and control characters."))
    if is_power_of_ten(text):
        raise ValidationError(translation.gettext(POWER_OF_TEN))
    if is_mojibake(text):
        raise ValidationError(_("Letters are lost: the text was read in a wrong encoding before. Write it again."))
    return clean(text)


def _is_control(character: str) -> bool:
    return unicodedata.category(character) == "Cc" and character != NEXT_LINE


def _address(clean: Callable[[str], str], text: str) -> str:
    try:
        return clean(text)
    except ValidationError:
        raise ValidationError(_("An IPv4 address is four numbers from 0 to 255, like 10.60.0.10.")) from None


def _networks(clean: Callable[[str], str], text: str) -> str:
    return clean(tidy_networks(text))


def _password(text: str) -> str:
    """``text`` encrypted, so that nothing that is kept of a file shows it."""
    if len(text) > LONGEST_PASSWORD or not text.isprintable():
        raise ValidationError(_("At most %(most)d characters in one line.") % {"most": LONGEST_PASSWORD})
    try:
        return encrypted(text.encode())
    except NoKeyError as error:
        raise ValidationError(str(error)) from None


def _key(text: str) -> str:
    return key_of(text).hex().upper()


def _choice(values: Sequence[str]) -> Callable[[str], str]:
    """A function that finds one of ``values``, in whatever case it is written."""

    def choose(text: str) -> str:
        if text.lower() not in values:
            raise ValidationError(_("One of: %s.") % ", ".join(values))
        return text.lower()

    return choose


def whole_number(lowest: int, highest: int, text: str) -> int:
    # int() alone would take “1_000”, “٣” and a text of thousands of digits.
    digits = whole_part(text).lstrip("0") or "0"
    if text[:1].isdigit() and digits.isascii() and digits.isdigit() and len(digits) <= len(str(highest)):
        number = int(digits)
        if lowest <= number <= highest:
            return number
    raise ValidationError(_("A whole number from %(lowest)d to %(highest)d.") % {"lowest": lowest, "highest": highest})


def _truth(text: str) -> int:
    word = text.casefold()
    if word in _TRUE or word in _FALSE:
        return int(word in _TRUE)
    raise ValidationError(_("true or false."))


def _range(field: str) -> tuple[int, int]:
    """The numbers that the model allows, on any database; SQLite by itself would accept larger ones."""
    lowest, highest = BaseDatabaseOperations.integer_field_ranges["PositiveIntegerField"]
    validators = field_of(field).validators
    lows = [one.limit_value for one in validators if isinstance(one, MinValueValidator)]
    highs = [one.limit_value for one in validators if isinstance(one, MaxValueValidator)]
    return max([lowest, *lows]), min([highest, *highs])


def _key_of(pairs: Iterable[tuple[str, int]], refusal: str) -> Callable[[str], int]:
    """A function that finds the key for a name. An exact match comes first, then one that ignores case.

    ``refusal`` is the message if there is none, with ``%s`` for the existing names.
    """
    exact = dict(pairs)
    folded = {fold_name(name): key for name, key in exact.items()}
    names = ", ".join(sorted(exact, key=fold_name)) or _("none yet")

    def key_of(name: str) -> int:
        key = exact.get(name) or folded.get(fold_name(tidy(name)))
        if key is None:
            raise ValidationError(refusal % names)
        return key

    return key_of
