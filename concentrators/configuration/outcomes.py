"""What came of one try, from the exception that ended it (CFG-1, CFG-3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from concentrators.configuration.between import Heard
from concentrators.configuration.procedure import Found, NoIdentityError, OtherDeviceError
from concentrators.configuration.transport import ClosedError, SilentError, TooMuchError, UnreachableError
from concentrators.models import Failure
from smmeplus.dlms.access.errors import (
    AccessError,
    AssociationRefusedError,
    DeviceRefusedError,
    ExceptionResponseError,
    NotKeptError,
    NotProvenError,
    OtherTitleError,
    PlainAnswerError,
    ProofRefusedError,
    ValueRefusedError,
)
from smmeplus.dlms.access.names import DECIPHERING_ERROR
from smmeplus.dlms.ciphering.errors import CipheringError, Reason
from smmeplus.dlms.errors import FrameError

MOST_DETAIL: Final = 200  # characters
#: The first that fits counts: kinds before what they are kinds of.
_FAILURES: Final[Mapping[type[Exception], Failure]] = {
    UnreachableError: Failure.UNREACHABLE,
    SilentError: Failure.SILENT,
    ClosedError: Failure.CLOSED,
    TooMuchError: Failure.CONFUSED,
    OtherDeviceError: Failure.OTHER_DEVICE,
    NoIdentityError: Failure.NO_IDENTITY,
    OtherTitleError: Failure.OTHER_DEVICE,
    NotProvenError: Failure.NOT_PROVEN,
    PlainAnswerError: Failure.IN_CLEAR,
    AssociationRefusedError: Failure.REFUSED,
    ProofRefusedError: Failure.REFUSED,
    AccessError: Failure.ACCESS,
    DeviceRefusedError: Failure.ACCESS,
    ValueRefusedError: Failure.VALUE,
    NotKeptError: Failure.NOT_KEPT,
    FrameError: Failure.CONFUSED,
}
_NOT_CONNECTED: Final = frozenset(
    {
        Failure.UNREACHABLE,
        Failure.NO_ADDRESS,
        Failure.NOT_HEARD,
        Failure.OUTSIDE,
        Failure.NO_KEY,
        Failure.LOCKED,
        Failure.USED_UP,
    }
)


@dataclass(frozen=True)
class Outcome:
    """``failure`` is None where all went well; ``found`` tells how far it got."""

    found: Found = field(default_factory=Found)
    failure: Failure | None = None
    detail: str = ""
    other_title: str = ""  # the system title of who answered instead, where that is all that is known
    is_unexpected: bool = False  # a mistake of ours
    heard: Heard | None = None

    @property
    def was_connected(self) -> bool:
        return self.failure not in _NOT_CONNECTED


def failed(error: Exception, found: Found) -> Outcome:
    """The outcome of a try that ``error`` has ended."""
    failure = next((failure for kind, failure in _FAILURES.items() if isinstance(error, kind)), None)
    if _tells_wrong_keys(error):
        failure = Failure.WRONG_KEYS
    title = str(error) if isinstance(error, OtherTitleError) else ""
    detail = f"system title {title}" if title else _printable(str(error))
    return Outcome(found, failure or Failure.CONFUSED, detail, title, is_unexpected=failure is None)


def _tells_wrong_keys(error: Exception) -> bool:
    """Whether one side cannot decipher what the other one has ciphered."""
    if isinstance(error, CipheringError):
        return error.reason is Reason.WRONG_TAG
    return isinstance(error, ExceptionResponseError) and error.service == DECIPHERING_ERROR


def _printable(text: str) -> str:
    """As much of ``text`` as is kept, without what a database or a page could not take, such as a NUL."""
    return "".join(sign if sign.isprintable() else "�" for sign in text[:MOST_DETAIL])
