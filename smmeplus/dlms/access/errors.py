"""How a conversation can fail, apart from bytes that cannot be read, which are plain FrameErrors (CFG-2).

``str()`` of each is the reason in English words, with the number for what has no name.
"""

from smmeplus.dlms.access.names import (
    ACCESS_RESULTS,
    ASSOCIATION_RESULTS,
    CONFIRMED_SERVICES,
    EXCEPTIONS,
    PROVIDER_DIAGNOSTICS,
    STATE_ERRORS,
    USER_DIAGNOSTICS,
    name_of,
    service_error_name,
)
from smmeplus.dlms.errors import FrameError


class DeviceRefusedError(FrameError):
    """The device has understood and says no. All of its kinds carry the numbers that the device has sent."""


class AssociationRefusedError(DeviceRefusedError):
    """The AARE accepts no association; ``by_provider`` tells from which of the two tables ``diagnostic`` is."""

    def __init__(self, result: int, diagnostic: int, *, by_provider: bool, more: str = "") -> None:
        source, table = ("provider", PROVIDER_DIAGNOSTICS) if by_provider else ("user", USER_DIAGNOSTICS)
        super().__init__(
            f"the association is refused: {name_of(ASSOCIATION_RESULTS, result)}, "
            f"service {source}: {name_of(table, diagnostic)}" + (f", {more}" if more else "")
        )
        self.result = result
        self.diagnostic = diagnostic
        self.by_provider = by_provider


class AccessError(DeviceRefusedError):
    """A GET or SET is refused; ``result`` is the data-access-result. ``what`` names the attribute."""

    def __init__(self, result: int, what: str) -> None:
        super().__init__(f"{what}: {name_of(ACCESS_RESULTS, result)}")
        self.result = result


class ExceptionResponseError(DeviceRefusedError):
    """The device answers with an exception-response; ``counter`` is the invocation counter in it, if any."""

    def __init__(self, state: int, service: int, counter: int | None = None) -> None:
        super().__init__(f"exception-response: {name_of(STATE_ERRORS, state)}, {name_of(EXCEPTIONS, service)}")
        self.state = state
        self.service = service
        self.counter = counter


class CounterRefusedError(ExceptionResponseError):
    """What we have ciphered has an invocation counter below the ``counter`` that the device is at."""

    def __str__(self) -> str:
        return f"{super().__str__()}, it is at {self.counter}"


class ConfirmedServiceError(DeviceRefusedError):
    """The device answers with a confirmed-service-error about ``service``; ``kind`` and ``value`` say what it is."""

    def __init__(self, service: int, kind: int, value: int) -> None:
        super().__init__(
            f"confirmed-service-error of {name_of(CONFIRMED_SERVICES, service)}: {service_error_name(kind, value)}"
        )
        self.service = service
        self.kind = kind
        self.value = value


class ProofRefusedError(DeviceRefusedError):
    """The device does not take what proves our keys; ``result`` is an action-result, whose numbers mean the same."""

    def __init__(self, result: int) -> None:
        super().__init__(f"reply to HLS authentication: {name_of(ACCESS_RESULTS, result)}")
        self.result = result


class OtherTitleError(FrameError):
    """A device with another system title answers; the message is that title in hexadecimal digits."""


class NotProvenError(FrameError):
    """What came may be of anybody, or of another time: it does not prove that the device knows its keys."""


class PlainAnswerError(FrameError):
    """What came is not ciphered, where it has to be."""


class UsedUpError(FrameError):
    """There is no invocation counter left that was reserved for this conversation."""


class WrongReplyError(FrameError):
    """What came is neither the reply nor a message that a device sends by itself."""


class RequestTooLongError(FrameError):
    """A request is longer than what the device takes."""


class NotKeptError(FrameError):
    """The device accepted a value and answers with another one, whose bytes are ``read``."""

    def __init__(self, what: str, read: bytes) -> None:
        super().__init__(f"{what}: the value was accepted, but reading back gives another one ({_shown(read)})")
        self.read = read


class ValueRefusedError(FrameError):
    """A value is not written, because the attribute's type in the device cannot hold it."""


_MAX_SHOWN = 32  # bytes


def _shown(value: bytes) -> str:
    return value[:_MAX_SHOWN].hex().upper() + ("…" if len(value) > _MAX_SHOWN else "")
