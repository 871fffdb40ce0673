"""Values of frames in words, for a person to read. Bounded for any value; nothing here is ever an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from smmeplus.dlms import data as d
from smmeplus.dlms.apdus import NAMES
from smmeplus.dlms.ciphering.suite import AUTHENTICATED, refusal_of_control
from smmeplus.dlms.clock import SIZE, Clock, decode_clock
from smmeplus.dlms.kinds import ALARM_BOOT, ALARM_LASTGASP, ALARM_PUSH, LASTGASP_OBJECT, kind_of_code, kind_of_push
from smmeplus.dlms.object_lists import is_push_name

MAX_SHOWN: Final = 128  # bytes or bits of one value

_TYPES: Final[Mapping[int, str]] = {
    d.NULL: "null-data",
    d.ARRAY: "array",
    d.STRUCTURE: "structure",
    d.BOOLEAN: "boolean",
    d.BIT_STRING: "bit-string",
    d.DOUBLE_LONG: "double-long",
    d.DOUBLE_LONG_UNSIGNED: "double-long-unsigned",
    d.OCTET_STRING: "octet-string",
    d.VISIBLE_STRING: "visible-string",
    d.UTF8_STRING: "utf8-string",
    d.BCD: "bcd",
    d.INTEGER: "integer",
    d.LONG: "long",
    d.UNSIGNED: "unsigned",
    d.LONG_UNSIGNED: "long-unsigned",
    d.LONG64: "long64",
    d.LONG64_UNSIGNED: "long64-unsigned",
    d.ENUM: "enum",
    d.FLOAT32: "float32",
    d.FLOAT64: "float64",
    d.DATE_TIME: "date-time",
    d.DATE: "date",
    d.TIME: "time",
    d.DONT_CARE: "dont-care",
}
_OBIS_SIZE: Final = 6
_ALARMS: Final[Mapping[int, str]] = {ALARM_LASTGASP: " (last gasp)", ALARM_BOOT: " (boot)"}
_SEASONS: Final[Mapping[bool | None, str]] = {None: "", True: ", summer time", False: ", winter time"}


def apdu_in_words(tag: int) -> str:
    return f"{NAMES.get(tag, 'unknown')} ({tag:02X})"


def control_in_words(control: int) -> str:
    """A security control byte, with what is wrong with it if that is not read here."""
    refusal = refusal_of_control(control)
    if refusal is not None:
        meaning = refusal.value
    else:
        meaning = "authenticated" if control == AUTHENTICATED else "authenticated and encrypted"
    return f"{control:02X}: {meaning}"


def type_in_words(tag: int) -> str:
    """The name of a COSEM type that the codec knows (Blue Book 4.1.5)."""
    return _TYPES[tag]


def content_in_words(tag: int, content: Any) -> str:
    """The content of COSEM Data other than an array or a structure."""
    if tag == d.OCTET_STRING:
        return octets_in_words(content)
    if tag in d.STRINGS:
        return text_in_words(content)
    if tag == d.DATE_TIME:
        return time_in_words(content)
    if isinstance(content, bytes):
        return hex_in_words(content)
    return "" if content is None else _number_in_words(content)


def octets_in_words(value: bytes) -> str:
    """What an octet-string holds as far as its bytes tell: text, a logical name, a time, or just bytes."""
    if all(map(is_printable, value)):
        return text_in_words(value)
    if is_push_name(value):
        meaning = "by alarm bits" if value == ALARM_PUSH else kind_of_push(value, ()).word
        return f"{obis_in_words(value)} (push setup, {meaning})"
    if len(value) == _OBIS_SIZE:
        return f"{obis_in_words(value)} ({hex_in_words(value)})"
    return time_in_words(value) if len(value) == SIZE else hex_in_words(value)


def obis_in_words(value: bytes) -> str:
    """Six bytes as an OBIS code, ``0-1:25.9.0.255`` (IEC 62056-61)."""
    if value == LASTGASP_OBJECT:
        return ".".join(map(str, value))  # not an OBIS code; WIR-4 writes it this way
    return "{}-{}:{}.{}.{}.{}".format(*value)


def time_in_words(value: bytes) -> str:
    """The 12 bytes of a COSEM date-time."""
    clock = decode_clock(value)
    return clock_in_words(clock) if clock else f"{hex_in_words(value)} (no usable time)"


def clock_in_words(clock: Clock) -> str:
    local = clock.local
    day = f"{local:%A} {local.day} {local:%B} {local.year}"
    return f"{day}, {local:%H:%M:%S}, {_zone(clock)}{_SEASONS[clock.is_summer]}"


def alarms_in_words(word: int, *, by_default: bool) -> str:
    """The bits of an alarm word that are set; ``by_default`` with what the product takes them for (WIR-4)."""
    meanings = _ALARMS if by_default else {}
    bits = [bit for bit in range(word.bit_length()) if word >> bit & 1]
    return ", ".join(f"bit {bit}{meanings.get(1 << bit, '')}" for bit in bits) or "none is set"


def code_in_words(code: int) -> str:
    return f"{code} ({kind_of_code(code).word})"


def text_in_words(value: bytes) -> str:
    """Text in quotes. Bytes that are not text are escaped, and characters that do not print or reverse the writing."""
    text = value[:MAX_SHOWN].decode("utf-8", "backslashreplace")
    return '"' + "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text) + '"' + _more(value)


def hex_in_words(value: bytes) -> str:
    return value[:MAX_SHOWN].hex(" ") + _more(value)


def is_printable(octet: int) -> bool:
    return 0x20 <= octet < 0x7F


def _number_in_words(number: object) -> str:
    digits = str(number)
    return digits if len(digits) <= MAX_SHOWN else f"{digits[:MAX_SHOWN]}{_more(digits)}"


def _more(value: bytes | str) -> str:
    more = len(value) - MAX_SHOWN
    return f" … and {more} more" if more > 0 else ""


def _zone(clock: Clock) -> str:
    if clock.deviation is None:
        return "local time"
    hours, minutes = divmod(abs(clock.deviation), 60)
    return f"UTC{'-' if clock.deviation > 0 else '+'}{hours:02}:{minutes:02}"
