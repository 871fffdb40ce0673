"""Whether an APDU is the reply that is waited for (CFG-2).

A device sends messages of its own accord whenever it likes, also between a request and its reply. Those go the way of
the listener's formats. What is neither the reply nor such a message ends the conversation.
"""

from enum import Enum
from typing import Final, NamedTuple

from smmeplus.dlms.access.coding.refusals import (
    CONFIRMED_SERVICE_ERROR,
    EXCEPTION_RESPONSE,
    decode_confirmed_service_error,
    decode_exception,
)
from smmeplus.dlms.access.coding.requests import invoke_id_of
from smmeplus.dlms.apdus import DATA_NOTIFICATION, EVENT_NOTIFICATION, GENERAL_CIPHERING, HEARTBEAT, LOGIN
from smmeplus.dlms.errors import FrameError

#: What devices send by themselves, in clear and ciphered (``18`` InformationReport, ``CA``, ``D2`` EventNotification).
SPONTANEOUS: Final = frozenset(
    {DATA_NOTIFICATION, EVENT_NOTIFICATION, LOGIN, HEARTBEAT, 0x18, 0xCA, 0xD2, 0xDB, 0xDC, GENERAL_CIPHERING}
)

_INVOKE: Final = 2  # where the invoke-id-and-priority stands


class Mismatch(Enum):
    """Why an APDU is not the reply."""

    SPONTANEOUS = "a message that the device sends by itself"
    SERVICE = "a reply to another service"
    INVOKE_ID = "a reply with another invoke id"


class NotTheReply(NamedTuple):
    """An APDU that is not the reply that was waited for."""

    apdu: bytes
    why: Mismatch

    def __str__(self) -> str:
        begin = self.apdu[: _INVOKE + 1].hex().upper()
        return f"{self.why.value} ({begin}{'…' if len(self.apdu) > _INVOKE + 1 else ''})"


def mismatch_of(apdu: bytes, tag: int, invoke_id: int | None = None) -> NotTheReply | None:
    """None if ``apdu``, of at least one byte, is the reply that begins with ``tag`` and has ``invoke_id``, if any.

    Raises the error that it is if the device answers with one.
    """
    first = apdu[0]
    if first == tag:
        return None if _has_invoke_id(apdu, invoke_id) else NotTheReply(apdu, Mismatch.INVOKE_ID)
    if first in SPONTANEOUS:
        return NotTheReply(apdu, Mismatch.SPONTANEOUS)
    if first == EXCEPTION_RESPONSE:
        raise decode_exception(apdu)
    if first == CONFIRMED_SERVICE_ERROR:
        raise decode_confirmed_service_error(apdu)
    return NotTheReply(apdu, Mismatch.SERVICE)


def _has_invoke_id(apdu: bytes, invoke_id: int | None) -> bool:
    """Without regard to the priority, which not every device repeats."""
    if invoke_id is None:
        return True
    if len(apdu) <= _INVOKE:
        raise FrameError("the response is cut short")
    return invoke_id_of(apdu[_INVOKE]) == invoke_id
