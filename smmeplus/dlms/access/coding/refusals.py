"""The answers that can come instead of any reply: exception-response and confirmed-service-error (Green Book 9.5).

::

    exception-response       D8 | state-error | service-error | invocation counter(4) behind service-error 6
    confirmed-service-error  0E | service | kind | value
"""

from typing import Final

from smmeplus.dlms.access.coding.octets import Octets
from smmeplus.dlms.access.errors import ConfirmedServiceError, ExceptionResponseError
from smmeplus.dlms.access.names import INVOCATION_COUNTER_ERROR, SERVICE_NOT_ALLOWED

EXCEPTION_RESPONSE: Final = 0xD8
CONFIRMED_SERVICE_ERROR: Final = 0x0E
_COUNTER_SIZE: Final = 4


def encode_exception(state: int, service: int) -> bytes:
    return bytes((EXCEPTION_RESPONSE, state, service))


def encode_counter_error(counter: int) -> bytes:
    """The exception-response to a request whose invocation counter is below ``counter``, the next that is taken."""
    head = encode_exception(SERVICE_NOT_ALLOWED, INVOCATION_COUNTER_ERROR)
    return head + counter.to_bytes(_COUNTER_SIZE, "big")


def decode_exception(apdu: bytes) -> ExceptionResponseError:
    octets = Octets(apdu, "exception-response")
    octets.expect(bytes((EXCEPTION_RESPONSE,)))
    state, service = octets.number(), octets.number()
    has_counter = service == INVOCATION_COUNTER_ERROR and octets.left
    counter = octets.number(_COUNTER_SIZE) if has_counter else None
    octets.end()
    return ExceptionResponseError(state, service, counter)


def encode_confirmed_service_error(service: int, kind: int, value: int) -> bytes:
    return bytes((CONFIRMED_SERVICE_ERROR, service, kind, value))


def decode_confirmed_service_error(apdu: bytes) -> ConfirmedServiceError:
    octets = Octets(apdu, "confirmed-service-error")
    octets.expect(bytes((CONFIRMED_SERVICE_ERROR,)))
    error = ConfirmedServiceError(octets.number(), octets.number(), octets.number())
    octets.end()
    return error
