"""The APDUs by their first byte: what each is called, and why those that are not read are refused (WIR-11).

Tags and names are those of the Green Book 9.5. An explanation says no more than what its bytes prove.
"""

from collections.abc import Callable, Mapping
from typing import Final

from smmeplus.dlms.errors import CipheredError, FrameError

DATA_NOTIFICATION: Final = 0x0F
EVENT_NOTIFICATION: Final = 0xC2
LOGIN: Final = 0x0A
HEARTBEAT: Final = 0x0C
GENERAL_CIPHERING: Final = 0xDD  # also the heartbeat of some modules

TITLE_SIZE: Final = 8

GLOBAL: Final = 0xDB
DEDICATED: Final = 0xDC
_BLOCK_TRANSFER: Final = 0xE0
_GATEWAYS: Final = (0xE6, 0xE7)
_MORE_OCTETS: Final[Mapping[int, int]] = {0x81: 1, 0x82: 2}  # of a length, by its first
CIPHERED_SERVICES: Final[Mapping[int, str]] = {
    0xC8: "glo-get-request",
    0xC9: "glo-set-request",
    0xCA: "glo-event-notification-request",
    0xCB: "glo-action-request",
    0xCC: "glo-get-response",
    0xCD: "glo-set-response",
    0xCE: "glo-event-notification-response",
    0xCF: "glo-action-response",
    0xD0: "ded-get-request",
    0xD1: "ded-set-request",
    0xD2: "ded-event-notification-request",
    0xD3: "ded-action-request",
    0xD4: "ded-get-response",
    0xD5: "ded-set-response",
    0xD6: "ded-event-notification-response",
    0xD7: "ded-action-response",
}
NAMES: Final[Mapping[int, str]] = {
    LOGIN: "login of a GPRS module",
    HEARTBEAT: "heartbeat of a GPRS module",
    DATA_NOTIFICATION: "DataNotification",
    0x10: "DataNotificationConfirm",
    0x18: "InformationReportRequest",
    0x60: "AARQ, which asks for an association",
    EVENT_NOTIFICATION: "EventNotification",
    **CIPHERED_SERVICES,
    GLOBAL: "general-glo-ciphering",
    DEDICATED: "general-ded-ciphering",
    GENERAL_CIPHERING: "general-ciphering",
    0xDF: "general-signing",
    _BLOCK_TRANSFER: "general-block-transfer",
    **dict.fromkeys(_GATEWAYS, "gateway header"),
}

#: What a wrapper's APDU begins with if it is more than a chance of bytes (WIR-9).
KNOWN: Final = frozenset(
    {
        LOGIN,
        HEARTBEAT,
        DATA_NOTIFICATION,
        EVENT_NOTIFICATION,
        *CIPHERED_SERVICES,
        GLOBAL,
        DEDICATED,
        GENERAL_CIPHERING,
        _BLOCK_TRANSFER,
        *_GATEWAYS,
    }
)


def refusal_of(apdu: bytes) -> FrameError:
    """Why ``apdu``, of at least one byte, is not read: what it is, as far as that can be told."""
    explain = _REFUSALS.get(apdu[0])
    if explain is not None:
        return explain(apdu)
    name = f" ({NAMES[apdu[0]]})" if apdu[0] in NAMES else ""
    return FrameError(
        f"an APDU that begins with {apdu[0]:02X}{name}; known are DataNotification ({DATA_NOTIFICATION:02X}), "
        f"EventNotification ({EVENT_NOTIFICATION:02X}), login ({LOGIN:02X}) and heartbeat ({HEARTBEAT:02X}, "
        f"{GENERAL_CIPHERING:02X})"
    )


def _ciphered_in_general(apdu: bytes) -> FrameError:
    """``tag | length | system title | …`` (general-glo- and general-ded-ciphering)."""
    return _ciphered(apdu[0], _octets(apdu, 1)[0])


def _general_ciphering(apdu: bytes) -> FrameError:
    """``DD | length | transaction id | length | originator's system title | …``."""
    _, behind = _octets(apdu, 1)
    return _ciphered(apdu[0], _octets(apdu, behind)[0] if behind else b"")


def _ciphered_service(apdu: bytes) -> FrameError:
    return _ciphered(apdu[0], b"")


def _ciphered(tag: int, title: bytes) -> FrameError:
    what = f"ciphered ({NAMES[tag]})"
    if len(title) != TITLE_SIZE:
        return CipheredError(f"{what}, no system title in it, no key for it here")
    shown = title.hex().upper()
    return CipheredError(f"{what}, system title {shown}, no key for it here", identity=shown)


def _octets(apdu: bytes, offset: int) -> tuple[bytes, int]:
    """The octet-string with its length at ``offset`` and the offset behind it; nothing and 0 if it is not all there.

    The length may be one octet, or 81 with one or 82 with two behind it.
    """
    first = apdu[offset] if offset < len(apdu) else 0x80
    more = _MORE_OCTETS.get(first, 0)
    begin = offset + 1 + more
    length = int.from_bytes(apdu[offset + 1 : begin], "big") if more else first
    end = begin + length
    return (apdu[begin:end], end) if (more or first < 0x80) and end <= len(apdu) else (b"", 0)


def _block_transfer(apdu: bytes) -> FrameError:
    return FrameError(f"general block transfer ({apdu[0]:02X}): a message in several blocks is not put together here")


def _gateway(apdu: bytes) -> FrameError:
    return FrameError(f"a gateway header ({apdu[0]:02X}): messages that a gateway passes on are not read here")


_REFUSALS: Final[Mapping[int, Callable[[bytes], FrameError]]] = {
    GLOBAL: _ciphered_in_general,
    DEDICATED: _ciphered_in_general,
    GENERAL_CIPHERING: _general_ciphering,
    _BLOCK_TRANSFER: _block_transfer,
    **dict.fromkeys(CIPHERED_SERVICES, _ciphered_service),
    **dict.fromkeys(_GATEWAYS, _gateway),
}
