"""The session messages of GPRS modules: login and heartbeat, signs of life in a wrapper (WIR-10).

::

    login       0A | device type(1) | length(1) | id | option(1), or none | CRC-16/X-25, low byte first
    heartbeat   0C | the same
    heartbeat   DD 10 00 00 00 00 | 12 digits

The checksum is over everything from the device type on. Only the length of the APDU tells whether the option is there.
"""

from typing import Final

from smmeplus.dlms.apdus import GENERAL_CIPHERING, HEARTBEAT, LOGIN
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.crc import crc16_x25
from smmeplus.dlms.serials import decode_serial, encode_serial

CONCENTRATOR: Final = 1  # the device type

_NAMES: Final = {LOGIN: "login", HEARTBEAT: "heartbeat"}
#: The APDUs that answer a login and a heartbeat.
ANSWERS: Final = {LOGIN: b"\xaa\x03", HEARTBEAT: b"\xcc\x03"}
_ANSWER_TO_DIGITS: Final = b"\xda"
_DIGITS_HEAD: Final = bytes((GENERAL_CIPHERING, 0x10, 0, 0, 0, 0))
_DIGITS_SIZE: Final = 18
_ID: Final = 3  # where it begins
_CRC_SIZE: Final = 2
_NO_OPTION: Final = 0


def is_session(apdu: bytes) -> bool:
    """Whether ``apdu``, of at least one byte, is a session message or one that is damaged."""
    return apdu[0] in _NAMES or is_digits_heartbeat(apdu)


def is_digits_heartbeat(apdu: bytes) -> bool:
    """Whether ``apdu`` is the heartbeat with DD; all others that begin so are general-ciphering."""
    head = len(_DIGITS_HEAD)
    return len(apdu) == _DIGITS_SIZE and apdu[:head] == _DIGITS_HEAD and apdu[head:].isdigit()


def decode_session(apdu: bytes) -> tuple[str, bytes]:
    """The device id of a session message, and the APDU that answers it.

    FrameError if it is cut short or its checksum is wrong, NoDeviceIdError if the id is not valid.
    """
    if is_digits_heartbeat(apdu):
        return apdu[len(_DIGITS_HEAD) :].decode("ascii"), _ANSWER_TO_DIGITS
    name = _NAMES[apdu[0]]
    end = _ID + apdu[2] if len(apdu) > 2 else 0
    crc = len(apdu) - _CRC_SIZE
    if not end or crc < end:
        raise FrameError(f"the {name} is cut short")
    if crc > end + 1:
        raise FrameError(f"{crc - end - 1} bytes are left over behind the {name}'s option")
    if apdu[crc:] != crc16_x25(apdu[1:crc]).to_bytes(_CRC_SIZE, "little"):
        raise FrameError(f"the {name}'s checksum is wrong")
    return decode_serial(apdu[_ID:end]), ANSWERS[apdu[0]]


def session_apdu(tag: int, serial: str, *, has_option: bool = True) -> bytes:
    """The login or heartbeat (``tag``) of the concentrator ``serial``, not wrapped; FrameError for a bad serial."""
    value = encode_serial(serial)
    option = bytes((_NO_OPTION,)) if has_option else b""
    checked = bytes((CONCENTRATOR, len(value))) + value + option
    return bytes((tag,)) + checked + crc16_x25(checked).to_bytes(_CRC_SIZE, "little")
