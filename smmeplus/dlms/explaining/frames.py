"""What the bytes of a frame say, field by field, for a person to read (LIS-6).

The codec reads a frame or refuses it. This shows what can be read before a refusal, and its reason. Work and output are
bounded for any input, and no input raises an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from smmeplus.dlms import data as d
from smmeplus.dlms import telegram
from smmeplus.dlms.apdus import DATA_NOTIFICATION, EVENT_NOTIFICATION, GLOBAL
from smmeplus.dlms.clock import SIZE
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.explaining.ciphered import Opened, show_protection
from smmeplus.dlms.explaining.notes import Line, Notes
from smmeplus.dlms.explaining.wording import (
    alarms_in_words,
    apdu_in_words,
    clock_in_words,
    code_in_words,
    content_in_words,
    hex_in_words,
    is_printable,
    obis_in_words,
    text_in_words,
    time_in_words,
    type_in_words,
)
from smmeplus.dlms.framing.crc import crc16_arc
from smmeplus.dlms.framing.hdlc import FLAG, frame_length
from smmeplus.dlms.framing.wrapper import unwrap
from smmeplus.dlms.kinds import ALARM_PUSH, KindKey, kind_of_code, kind_of_object
from smmeplus.dlms.messages import CONCENTRATOR, PUSH, read_apdu
from smmeplus.dlms.notification import confirmable
from smmeplus.dlms.sent_times import read_data_time, read_event_time
from smmeplus.dlms.sessions import is_digits_heartbeat, is_session

_NUMBER_SIZE: Final = 2
_INVOKE_SIZE: Final = 4
_OBIS_SIZE: Final = 6
_HIGH_PRIORITY: Final = 0x80
_DIGITS: Final = 12
_CRC_SIZE: Final = 2
_LAYOUTS: Final = {PUSH: "P (push setup)", CONCENTRATOR: "C (concentrator)"}
_MAX_LENGTH_OCTETS: Final = 4
_CONTAINERS: Final = frozenset({bytes((d.ARRAY,)), bytes((d.STRUCTURE,))})
_CHECKSUM_SIZE: Final = 6  # four digits, CR and LF
_MAX_TELEGRAM_BODY: Final = telegram.MAX_SIZE - _CHECKSUM_SIZE
_TELEGRAM_LINES: Final[Mapping[bytes, str]] = {
    b"0-0:96.1.0": "device id",
    b"0-0:1.0.0": "local time",
    b"0-0:96.11.0": "event code",
}


def explain(frame: bytes, opened: Opened | None = None) -> list[Line]:
    """What ``frame`` says, in a few hundred lines at most, each at most one level deeper than the one before.

    Of a ciphered one that is what ``opened`` says, if anybody has opened it. If it is refused, the line ``REFUSED``
    gives the reason in the codec's words. ``REST`` are the bytes in hex that no line is about: those from the first
    wrong one on, or those after a whole frame.
    """
    notes = Notes(frame)
    try:
        _explain(notes, opened)
    except FrameError as error:
        return notes.closed(str(error))
    return notes.closed()


def hex_dump(frame: bytes) -> str:
    """``frame`` in lines of 16 bytes: offset, hex digits, and the bytes that are printable ASCII."""
    return "\n".join(_dump_line(offset, frame[offset : offset + 16]) for offset in range(0, len(frame), 16))


def _explain(notes: Notes, opened: Opened | None) -> None:
    first = notes.rest[:1]
    if first == b"/":
        _explain_telegram(notes)
    elif first == b"\x00":
        _explain_wrapped(notes, opened)
    elif first == bytes((FLAG,)):
        _explain_hdlc(notes)
    else:
        raise FrameError(f"no format begins with {first.hex().upper()}" if first else "there are no bytes")


def _explain_hdlc(notes: Notes) -> None:
    length = frame_length(notes.rest)
    if length == 0:
        raise FrameError(f"no format begins with {FLAG:02X}")
    if length is None or len(notes.rest) < length:
        raise FrameError("the frame is not complete")
    notes.say(0, "HDLC frame", "IEC 62056-46")
    notes.take(length)
    raise FrameError("an HDLC frame")


def _explain_wrapped(notes: Notes, opened: Opened | None) -> None:
    frame = notes.rest
    notes.say(0, "wrapper", "IEC 62056-47")
    _show_number(notes, "version")
    unwrap(frame[:_NUMBER_SIZE])  # in another version what follows is something else
    _show_number(notes, "source wPort")
    _show_number(notes, "destination wPort")
    length = _show_number(notes, "length of the APDU")
    unwrap(frame)
    apdu, behind = notes.rest[:length], notes.rest[length:]
    notes.rest = apdu
    with suppress(FrameError):  # what is wrong is said below, as the codec says it
        _show_apdu(notes)
    notes.rest += behind
    if len(apdu) < length:
        raise FrameError("the frame is not complete")
    if opened is not None:
        _explain_opened(notes, opened)
    else:
        _show_meaning(notes, apdu)


def _explain_opened(notes: Notes, opened: Opened) -> None:
    """What was ciphered, instead of what that looks like; bytes behind the frame stay unread."""
    notes.say(1, "keys", opened.verdict)
    if not opened.text:
        raise FrameError(opened.verdict)
    behind, notes.rest = notes.rest, opened.text
    with suppress(FrameError):  # as above
        _show_apdu(notes)
    notes.rest += behind
    _show_meaning(notes, opened.text)


def _show_number(notes: Notes, name: str) -> int:
    number = int.from_bytes(notes.take(_NUMBER_SIZE), "big")
    notes.say(1, name, str(number))
    return number


def _show_apdu(notes: Notes) -> None:
    apdu = notes.rest
    tag = notes.take(1)[0]
    notes.say(0, "APDU", apdu_in_words(tag))
    if tag == DATA_NOTIFICATION:
        _show_invoke_id(notes, apdu[:1])
        _show_time(notes, apdu, read_data_time(apdu, len(apdu) - len(notes.rest))[1])
        _show_data(notes, 1)
    elif tag == EVENT_NOTIFICATION:
        _show_time(notes, apdu, read_event_time(apdu, 1)[1])
        _show_object(notes)
        _show_data(notes, 1)
    elif tag == GLOBAL:
        show_protection(notes, apdu)
    elif is_session(apdu):
        _show_session(notes, apdu)


def _show_invoke_id(notes: Notes, tag: bytes) -> None:
    invoke = notes.take(_INVOKE_SIZE)
    notes.say(1, "invoke id", str(int.from_bytes(invoke[1:], "big")))
    notes.say(1, "confirmed", "yes, the sender waits for an answer" if confirmable(tag + invoke) else "no")
    notes.say(1, "priority", "high" if invoke[0] & _HIGH_PRIORITY else "normal")


def _show_time(notes: Notes, apdu: bytes, end: int) -> None:
    """The date-time of an APDU, which reaches to its offset ``end``."""
    sent = notes.take(end - (len(apdu) - len(notes.rest)))
    notes.say(1, "date-time", time_in_words(sent[-SIZE:]) if len(sent) > 1 else "none")


def _show_session(notes: Notes, apdu: bytes) -> None:
    if is_digits_heartbeat(apdu):
        notes.take(len(apdu) - _DIGITS)
        notes.say(1, "id", text_in_words(notes.take(_DIGITS)))
        return
    notes.say(1, "device type", str(notes.take(1)[0]))
    notes.say(1, "id", text_in_words(notes.take(notes.take(1)[0])))
    if len(notes.rest) > _CRC_SIZE:
        notes.say(1, "option", str(notes.take(1)[0]))
    notes.say(1, "checksum", hex_in_words(notes.take(_CRC_SIZE)))


def _show_object(notes: Notes) -> None:
    named = notes.take(_NUMBER_SIZE + _OBIS_SIZE + 1)
    class_id, obis = int.from_bytes(named[:_NUMBER_SIZE], "big"), named[_NUMBER_SIZE:-1]
    notes.say(1, "class id", str(class_id))
    notes.say(1, "object", f"{obis_in_words(obis)} ({kind_of_object(class_id, obis).word})")
    notes.say(1, "attribute", str(named[-1]))


def _show_data(notes: Notes, depth: int) -> None:
    if notes.rest[:1] in _CONTAINERS:
        _show_elements(notes, depth)
        return
    (tag, content), size = d.decode(notes.rest)
    notes.take(size)
    notes.say_if_there_is_room(depth, type_in_words(tag), content_in_words(tag, content))


def _show_elements(notes: Notes, depth: int) -> None:
    if depth > d.MAX_DEPTH:
        raise FrameError("the data are nested too deeply")
    tag = notes.rest[0]
    count = _take_count(notes)
    notes.say_if_there_is_room(depth, type_in_words(tag), f"{count} element{'' if count == 1 else 's'}")
    for _ in range(count):  # ends where the bytes do, whatever the count claims
        _show_data(notes, depth + 1)


def _take_count(notes: Notes) -> int:
    """The number of elements; takes their tag and their length in A-XDR."""
    first = notes.rest[1:2]
    if first < b"\x80":
        return notes.take(2)[1]
    octets = first[0] & 0x7F
    if not 0 < octets <= _MAX_LENGTH_OCTETS:
        raise FrameError("the length has too many octets")
    return int.from_bytes(notes.take(2 + octets)[2:], "big")


def _show_meaning(notes: Notes, apdu: bytes) -> None:
    """What a whole APDU means to the product; FrameError where it is refused."""
    message = read_apdu(apdu)
    if message.layout in _LAYOUTS:
        notes.say(0, "layout", _LAYOUTS[message.layout])
    if message.key is not None:
        _show_key(notes, message.key)
    notes.say(0, "message", message.kind.word)
    if message.nameless is not None:
        raise message.nameless
    notes.say(1, "device id", message.serial)


def _show_key(notes: Notes, key: KindKey) -> None:
    """What may say the kind (WIR-4)."""
    if key.name:
        notes.say(1, "name of the push", obis_in_words(key.name))
    if key.code is not None:
        notes.say(1, "event code", str(key.code) if key.name else code_in_words(key.code))
    for number, word in enumerate(key.words, 1):
        is_of_default = number == 1 and key.name == ALARM_PUSH
        notes.say_if_there_is_room(1, f"alarm word {number}", alarms_in_words(word, by_default=is_of_default))


def _explain_telegram(notes: Notes) -> None:
    frame = notes.rest
    notes.say(0, "text telegram", "in the manner of IEC 62056-21")
    body, end, _ = frame[:_MAX_TELEGRAM_BODY].partition(b"!")
    for line in notes.take(len(body)).removesuffix(b"\r\n").split(b"\r\n"):
        notes.say_if_there_is_room(1, _line_name(line), text_in_words(line))
    if end:
        _show_checksum(notes, body)
    decoded = telegram.decode(frame)
    if decoded is None:
        raise FrameError("the frame is not complete")
    serial, code, clock, nameless = decoded[0]
    notes.say(0, "message", kind_of_code(code).word)
    if nameless is None:
        notes.say(1, "device id", serial)
    notes.say(1, "event code", code_in_words(code))
    notes.say(1, "date-time", clock_in_words(clock) if clock else "none that is usable")
    if nameless is not None:
        raise nameless


def _line_name(line: bytes) -> str:
    if line.startswith(b"/"):
        return "identification"
    return _TELEGRAM_LINES.get(line.partition(b"(")[0], "line")


def _show_checksum(notes: Notes, body: bytes) -> None:
    mark = notes.take(1)
    sent = notes.take(min(_CHECKSUM_SIZE, len(notes.rest)))
    due = b"%04X\r\n" % crc16_arc(body + mark)
    verdict = "which fits" if sent == due else f"but {text_in_words(due)} is due"
    notes.say(1, "checksum", f"{text_in_words(sent)}, {verdict}")


def _dump_line(offset: int, chunk: bytes) -> str:
    text = "".join(chr(octet) if is_printable(octet) else "." for octet in chunk)
    return f"{offset:04x}  {chunk[:8].hex(' '):<23}  {chunk[8:].hex(' '):<23}  {text}"
