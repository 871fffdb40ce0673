"""The answers that can come instead of any reply: exception-response and confirmed-service-error (Green Book 9.5).

::

    exception-response       D8 | state-error | service-error | invocation counter(4) behind service-error 6
    confirmed-service-error  0E | service | kind | value
"""

from typing import Final

from smmeplus.dlms.access.coding.octets import Octets
from smmeplus.dlms.access.errors import ConfirmedServiceError, ExceptionResponseError
from smmeplus.dlms.access.names import INVOCATION_COUNTER_ERROR

EXCEPTION_RESPONSE: Final = 0xD8
CONFIRMED_SERVICE_ERROR: Final = 0x0E
_COUNTER_SIZE: Final = 4


def encode_exception(state: int, service: int) -> bytes:
    return bytes((EXCEPTION_RESPONSE, state, service))


def decode_exception(apdu: bytes) -> ExceptionResponseError:
    octets = Octets(apdu, "exception-response")
    octets.expect(bytes((EXCEPTION_RESPONSE,)))
    error = ExceptionResponseError(octets.number(), octets.number())
    if error.service == INVOCATION_COUNTER_ERROR and octets.left:
        octets.take(_COUNTER_SIZE)
    octets.end()
    return error


def encode_confirmed_service_error(service: int, kind: int, value: int) -> bytes:
    return bytes((CONFIRMED_SERVICE_ERROR, service, kind, value))


def decode_confirmed_service_error(apdu: bytes) -> ConfirmedServiceError:
    octets = Octets(apdu, "confirmed-service-error")
    octets.expect(bytes((CONFIRMED_SERVICE_ERROR,)))
    error = ConfirmedServiceError(octets.number(), octets.number(), octets.number())
    octets.end()
    return error
