"""What the cells of a file of meters mean; a value that a spreadsheet has spoilt is refused, never guessed (MET-2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, tzinfo
from functools import lru_cache, partial
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import override

from concentrators.importing import columns
from concentrators.importing.columns import REMEMBERED, Refusal
from concentrators.importing.spoilt import is_power_of_ten, is_total
from concentrators.meters.names import canonical_mac
from concentrators.meters.spreadsheets.headers import NUMBERS
from concentrators.models import Meter, MeterKind, MeterState
from concentrators.models.meters import METER_NAME
from concentrators.procedures.out_of_service import OutOfServiceError, by_clocks
from smmeplus.common.spreadsheets.words import POWER_OF_TEN

Parser = Callable[[str], Any]

LONGEST_PHASE = 8
HIGHEST_LEVEL = 255
NO_SWITCH = 255  # as PRIME says that a meter is none (meters.md B3)
FIRST_YEAR, LAST_YEAR = 2000, 2100
LARGEST_SIGNAL = 1_000.0

_NAME = re.compile(METER_NAME)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)? ?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,9}(?:([.,])(\d{1,12}))?", re.ASCII)
_NO_TIME = _l("A date and a time such as 2027-04-03 02:00 or 2027-04-03T02:00:00-03:00.")
_YES = frozenset({"y", "yes", "true", "1", "s", "si", "sí", "sì", "verdadero", "vero"})
_NO = frozenset({"n", "no", "false", "0", "falso"})
#: Words for states besides their labels, as S24 and people shorten them.
_STATES = {
    MeterState.ACTIVE: ("2", "active", "activo", "attivo", "ok"),
    MeterState.TEMPORARY_FAILURE: ("1", "temporary failure", "temporary", "tf", "fallo temporal", "guasto temporaneo"),
    MeterState.PERMANENT_FAILURE: (
        "0",
        "permanent failure",
        "permanent",
        "pf",
        "fallo permanente",
        "guasto permanente",
    ),
}
_KINDS = {
    MeterKind.CUSTOMER: ("customer", "cliente", "utente"),
    MeterKind.SUPERVISOR: ("supervisor", "supervisore"),
}


def parsers() -> dict[str, Parser]:
    """For each column the function that turns a trimmed, non-empty cell into its value, or a Refusal."""
    rules: dict[str, Callable[[str], Any]] = {
        "concentrator": serial_number,
        "expected_concentrator": serial_number,
        "meter": meter_name,
        "state": _one_of(_words(MeterState, _STATES)),
        "active": truth,
        "first_seen": moment,
        "last_seen": moment,
        "list_date": moment,
        "level": partial(columns.whole_number, 0, HIGHEST_LEVEL),
        "repeater": _repeater,
        "mac": canonical,
        "lnid": partial(columns.whole_number, 0, 65_535),
        "sid": partial(columns.whole_number, 0, 255),
        "lsid": partial(columns.whole_number, 0, NO_SWITCH),
        "phase": partial(_text, LONGEST_PHASE),
        "rx_level": _signal,
        "snr": _signal,
        "availability": _percent,
        "changes": partial(columns.whole_number, 0, 1_000_000),
        "manufacturer": _of_model("manufacturer"),
        "type": _of_model("type"),
        "kind": _one_of(_words(MeterKind, _KINDS)),
        "whole": truth,
        "supply_point": _of_model("supply_point"),
        "retired": _retired,
        "company": str,
    }
    return {name: _parser(rule, is_number=name in NUMBERS) for name, rule in rules.items()}


def _parser(rule: Callable[[str], Any], *, is_number: bool) -> Parser:
    @lru_cache(REMEMBERED)
    def parse(text: str) -> Any:
        if not is_number and is_power_of_ten(text):
            return Refusal(translation.gettext(POWER_OF_TEN))
        try:
            return rule(columns.plain(text))
        except ValidationError as error:
            return Refusal(" ".join(error.messages))

    return parse


def serial_number(text: str) -> str:
    return columns.serial_number(columns.by_model("serial_number"), text)


def meter_name(text: str) -> str:
    """In upper case. Raises ValidationError for what is no name, such as the row with the total."""
    if is_total(text):
        raise ValidationError(_("This row is a total and no meter."))
    name = text.upper() if text.isascii() else text
    if not _NAME.fullmatch(name):
        raise ValidationError(_("A meter name is 1 to 32 letters from A to Z and digits."))
    return name


def canonical(text: str) -> str:
    """A MAC as 12 or 16 hexadecimal digits in upper case, however it is written."""
    found = canonical_mac(text)
    if not found:
        raise ValidationError(_("A MAC has 12 or 16 hexadecimal digits, such as 40:40:22:00:A1:B2."))
    return found


def moment(text: str) -> datetime:
    """Naive if no offset stands there: by the clocks of a company, which :func:`at_clocks` reads."""
    if not _TIME.fullmatch(text):
        raise ValidationError(_NO_TIME)
    try:
        found = datetime.fromisoformat(text.replace(",", ".").replace(" +", "+").replace(" -", "-").replace(" Z", "Z"))
    except ValueError:
        raise ValidationError(_NO_TIME) from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValidationError(_("A year from %(first)d to %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR})
    return found


def at_clocks(time: datetime, zone: tzinfo) -> datetime:
    """In UTC. Raises ValidationError for a time that the clocks of ``zone`` show twice or never."""
    try:
        found = by_clocks(time, zone)
    except OutOfServiceError:  # which advises to choose another time
        said = _("The clocks of the company show this time twice, or never. Write its offset, too, such as -03:00.")
        raise ValidationError(said) from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValidationError(_NO_TIME)
    return found


def truth(text: str) -> bool:
    word = text.casefold()
    if word not in _YES | _NO:
        raise ValidationError(_("yes or no."))
    return word in _YES


def _retired(text: str) -> datetime | bool:
    """When, or only that it is retired, or that it is not."""
    return truth(text) if text.casefold() in _YES | _NO else moment(text)


def _repeater(text: str) -> str:
    """A meter's name as it is; anything else has to be a MAC."""
    name = text.upper() if text.isascii() else text
    if name.startswith("0X") or not _NAME.fullmatch(name):
        return canonical(text)
    return name


def _signal(text: str) -> float:
    return _number(-LARGEST_SIGNAL, LARGEST_SIGNAL, text)


def _percent(text: str) -> float:
    return _number(0.0, 100.0, text.removesuffix("%").rstrip())


def _number(lowest: float, highest: float, text: str) -> float:
    """12,5 is 12.5 in most countries; 1,200 is a thousand in others, and so neither."""
    found = _NUMBER.fullmatch(text)
    is_doubtful = found is not None and found[1] == "," and len(found[2]) == 3 and highest >= LARGEST_SIGNAL
    if not found or is_doubtful or not lowest <= (number := float(text.replace(",", "."))) <= highest:
        raise ValidationError(
            _("A number from %(lowest)g to %(highest)g, such as 12.5.") % {"lowest": lowest, "highest": highest}
        )
    return number


def _text(longest: int, text: str) -> str:
    found = columns.line_of_text(str, text)
    if len(found) > longest:
        raise ValidationError(_("At most %d characters.") % longest)
    return found


def _of_model(name: str) -> Callable[[str], str]:
    field = cast("models.Field[Any, Any]", Meter._meta.get_field(name))
    return partial(columns.line_of_text, partial(field.clean, model_instance=None))


def _one_of(words: Mapping[str, Any]) -> Callable[[str], Any]:
    def choose(text: str) -> Any:
        found = words.get(" ".join(text.casefold().split()))
        if found is None:
            raise ValidationError(_("One of: %s.") % ", ".join(str(one.label) for one in dict.fromkeys(words.values())))
        return found

    return choose


def _words(choices: Iterable[Any], others: Mapping[Any, Iterable[str]]) -> dict[str, Any]:
    """The choices by all that they are called, in each language."""
    found = {word: choice for choice in choices for word in others[choice]}
    for language, _language in settings.LANGUAGES:
        with override(language):
            found |= {str(choice.label).casefold(): choice for choice in choices}
    return found
