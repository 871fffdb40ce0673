"""The text telegram in the manner of IEC 62056-21 and P1 (WIR-5).

::

    /EPL5WUP\\1.0
                                        an empty line
    0-0:96.1.0(EPL1000400000042)        the device id
    0-0:1.0.0(260314081500W)            local time, S summer or W winter; may be missing
    0-0:96.11.0(000)                    event code
    !5C98                               CRC16/ARC over / to !

Every line ends with CRLF. Further lines are ignored, as receivers of P1 do.
"""

import re
from datetime import datetime
from typing import Final, NamedTuple

from smmeplus.dlms.clock import Clock
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.kinds import Kind, code_of_kind
from smmeplus.dlms.serials import decode_serial, encode_serial

MAX_SIZE: Final = 1024
ACK: Final = b"\x06"
NAK: Final = b"\x15"

_START: Final = b"/"
_END: Final = b"!"
_TAIL: Final = 6  # four digits of the checksum, CR and LF
_MAX_BODY: Final = MAX_SIZE - _TAIL
_IDENTIFICATION: Final = b"EPL5WUP\\1.0"
_SERIAL: Final = b"0-0:96.1.0"
_TIME: Final = b"0-0:1.0.0"
_CODE: Final = b"0-0:96.11.0"

_HEAD: Final = re.compile(rb"/[^/\r\n]+\r\n\r\n")
_FIELD: Final = re.compile(rb"\n([0-9.:-]+)\(([^()\r\n]*)\)(?=\r\n)")
_LOCAL_TIME: Final = re.compile(rb"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)([SW])")
_MAX_CODE_DIGITS: Final = 5


class Telegram(NamedTuple):
    """What a telegram says: the serial in upper case, the event code, the device's clock if it was usable."""

    serial: str
    code: int
    clock: Clock | None


def decode(buffer: bytes) -> tuple[Telegram, int] | None:
    """The first telegram of ``buffer`` and its length; None while more bytes are needed.

    Raises FrameError, with NAK as the answer, for everything else. Bytes after the first ``MAX_SIZE`` are not looked
    at, so that reading piece by piece costs a bounded amount of work.
    """
    try:
        return _decode(buffer)
    except FrameError as error:
        error.answer = NAK
        raise


def telegram(serial: str, kind: Kind, *, moment: datetime | None = None) -> bytes:
    """The telegram that says ``kind``, at ``moment`` in the device's zone (aware); FrameError for a bad serial."""
    lines = [_START + _IDENTIFICATION, b"", _SERIAL + b"(%s)" % encode_serial(serial)]
    if moment:
        lines.append(_TIME + f"({moment:%y%m%d%H%M%S}{'S' if moment.dst() else 'W'})".encode("ascii"))
    lines += [_CODE + b"(%03d)" % code_of_kind(kind), _END]
    body = b"\r\n".join(lines)
    return body + _tail(body)


def crc16_arc(data: bytes) -> int:
    """CRC16/ARC: polynomial 0x8005 reflected, initial value 0, no final XOR."""
    crc = 0
    for octet in data:
        crc = crc >> 8 ^ _CRC_TABLE[(crc ^ octet) & 0xFF]
    return crc


def _decode(buffer: bytes) -> tuple[Telegram, int] | None:
    if not buffer.startswith(_START):
        if buffer:
            raise FrameError("a telegram begins with /")
        return None
    body_end = buffer.find(_END, 0, _MAX_BODY) + 1
    if not body_end:
        if len(buffer) >= _MAX_BODY:
            raise FrameError(f"the telegram is longer than {MAX_SIZE} bytes")
        return None
    end = body_end + _TAIL
    if len(buffer) < end:
        return None
    body = buffer[:body_end]
    if buffer[body_end:end] != _tail(body):
        raise FrameError("the telegram's checksum is wrong")
    return _read(body), end


def _read(body: bytes) -> Telegram:
    if not _HEAD.match(body):
        raise FrameError("the telegram has no identification line followed by an empty line")
    # Reversed, so that the first one of a repeated field counts.
    fields = dict(reversed(_FIELD.findall(body)))
    serial = decode_serial(fields.get(_SERIAL))
    code = fields.get(_CODE, b"")
    if not code.isdigit() or len(code) > _MAX_CODE_DIGITS:
        raise FrameError("the telegram has no valid event code")
    return Telegram(serial, int(code), _read_time(fields.get(_TIME, b"")))


def _read_time(text: bytes) -> Clock | None:
    found = _LOCAL_TIME.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    try:
        local = datetime(2000 + year, month, day, hour, minute, second)  # noqa: DTZ001 - a wall clock
    except ValueError:
        return None
    return Clock(local, is_summer=found[7] == b"S", by_season=True)


def _tail(body: bytes) -> bytes:
    return b"%04X\r\n" % crc16_arc(body)


def _crc_of_octet(octet: int) -> int:
    for _ in range(8):
        octet = octet >> 1 ^ (0xA001 if octet & 1 else 0)
    return octet


_CRC_TABLE: Final = tuple(map(_crc_of_octet, range(256)))
