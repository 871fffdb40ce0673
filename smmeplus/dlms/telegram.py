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
from smmeplus.dlms.errors import FrameError, NoDeviceIdError
from smmeplus.dlms.framing.crc import crc16_arc
from smmeplus.dlms.kinds import Kind, code_of_kind
from smmeplus.dlms.serials import decode_serial, encode_serial

MAX_SIZE: Final = 1024
ACK: Final = b"\x06"
NAK: Final = b"\x15"

START: Final = ord("/")

_START: Final = b"/"
_END: Final = b"!"
_TAIL: Final = 6  # four digits of the checksum, CR and LF
_MAX_BODY: Final = MAX_SIZE - _TAIL
_IDENTIFICATION: Final = b"EPL5WUP\\1.0"
_SERIAL: Final = b"0-0:96.1.0"
_TIME: Final = b"0-0:1.0.0"
_CODE: Final = b"0-0:96.11.0"

_NO_TEXT: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_FIRST_LINE: Final = re.compile(rb"/[^/\x00-\x1f]*")
_TWO_ENDS: Final = b"\r\n\r\n"  # of the first line, and of the empty one
_NEXT_START: Final = b"\n/"
_CHECKSUM: Final = re.compile(rb"[0-9A-F]{4}\r\n")
_ANY_TAIL: Final = b"0000\r\n"
_HEAD: Final = re.compile(rb"/[^/\r\n]+\r\n\r\n")
_FIELD: Final = re.compile(rb"\n([0-9.:-]+)\(([^()\r\n]*)\)(?=\r\n)")
_LOCAL_TIME: Final = re.compile(rb"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)([SW])")
_MAX_CODE_DIGITS: Final = 5


class Telegram(NamedTuple):
    """What a telegram says: the serial in upper case, the event code, the device's clock if it was usable."""

    #: Empty if the telegram does not say which device it is of, and then ``nameless`` says why.
    serial: str
    code: int
    clock: Clock | None
    nameless: NoDeviceIdError | None = None


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


def end_of(buffer: bytes, start: int) -> int | None:
    """Where the telegram ends that begins at ``start``, right or wrong; 0 if none does, None while it may become one.

    This is stricter than :func:`decode`: text that a modem sends has slashes, too.
    """
    window = buffer[start : start + MAX_SIZE]
    line = _FIRST_LINE.match(window)
    if line is None:
        return 0
    behind = window[line.end() : line.end() + len(_TWO_ENDS)]
    if not _TWO_ENDS.startswith(behind) or (behind and line.end() == len(_START)):
        return 0
    body_end = window.find(_END, line.end(), _MAX_BODY) + 1
    body = window[line.end() : body_end or _MAX_BODY]
    if _NO_TEXT.search(body) or _NEXT_START in body:
        return 0
    if not body_end:
        return None if len(window) < _MAX_BODY else 0
    tail = window[body_end : body_end + _TAIL]
    if not _CHECKSUM.fullmatch(tail + _ANY_TAIL[len(tail) :]):
        return 0
    return start + body_end + _TAIL if len(tail) == _TAIL else None


def telegram(serial: str, kind: Kind, *, moment: datetime | None = None) -> bytes:
    """The telegram that says ``kind``, at ``moment`` in the device's zone (aware); FrameError for a bad serial."""
    lines = [_START + _IDENTIFICATION, b"", _SERIAL + b"(%s)" % encode_serial(serial)]
    if moment:
        lines.append(_TIME + f"({moment:%y%m%d%H%M%S}{'S' if moment.dst() else 'W'})".encode("ascii"))
    lines += [_CODE + b"(%03d)" % code_of_kind(kind), _END]
    body = b"\r\n".join(lines)
    return body + _tail(body)


def _decode(buffer: bytes) -> tuple[Telegram, int] | None:
    if not _START.startswith(buffer[:1]):
        raise FrameError("a telegram begins with /")
    body_end = buffer.find(_END, 0, _MAX_BODY) + 1
    no_text = _NO_TEXT.search(buffer, 0, body_end or _MAX_BODY)
    if no_text:
        raise FrameError("a telegram is text, and other bytes follow its beginning", length=no_text.start())
    if not body_end:
        if len(buffer) >= _MAX_BODY:
            raise FrameError(f"the telegram is longer than {MAX_SIZE} bytes", length=_MAX_BODY)
        return None
    end = body_end + _TAIL
    if len(buffer) < end:
        return None
    return _decode_whole(buffer[:body_end], buffer[body_end:end])


def _decode_whole(body: bytes, tail: bytes) -> tuple[Telegram, int]:
    end = len(body) + _TAIL
    if tail != _tail(body):
        raise FrameError("the telegram's checksum is wrong", length=_start_of_good_one(body, tail) or end)
    try:
        return _read(body), end
    except FrameError as error:
        error.length = end
        raise


def _start_of_good_one(body: bytes, tail: bytes) -> int:
    """Where a telegram begins in ``body`` whose checksum ``tail`` is, behind one that was cut; 0 if none does."""
    starts = [head.start() for head in _HEAD.finditer(body, 1)]
    return starts[-1] if starts and tail == _tail(body[starts[-1] :]) else 0


def _read(body: bytes) -> Telegram:
    if not _HEAD.match(body):
        raise FrameError("the telegram has no identification line followed by an empty line")
    # Reversed, so that the first one of a repeated field counts.
    fields = dict(reversed(_FIELD.findall(body)))
    code = fields.get(_CODE, b"")
    if not code.isdigit() or len(code) > _MAX_CODE_DIGITS:
        raise FrameError("the telegram has no valid event code")
    clock = _read_time(fields.get(_TIME, b""))
    try:
        return Telegram(decode_serial(fields.get(_SERIAL)), int(code), clock)
    except NoDeviceIdError as error:
        return Telegram("", int(code), clock, error)


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
