"""A concentrator read and written by gurux_dlms over a socket, one request after the other as its examples do it."""

from __future__ import annotations

import json
import socket
import sys
from contextlib import redirect_stdout
from dataclasses import asdict
from typing import Any, NamedTuple

from gurux_dlms import GXByteBuffer, GXDLMSClient, GXReplyData
from gurux_dlms.enums import Authentication, DataType, InterfaceType, Security
from gurux_dlms.objects import GXDLMSData, GXDLMSPushSetup
from gurux_dlms.secure import GXDLMSSecureClient

from tests.support.gurux.values import Values

PATIENCE_S = 10.0
_PIECE = 4_096
_IDENTITY, _PERIOD = "0.0.96.1.0.255", "0.0.94.39.58.255"
_PUSH, _LAST_GASP = "0.1.25.9.0.255", "0.4.25.9.0.255"
_DESTINATION, _RANDOM_START, _RETRIES, _DELAY, _VALUE = 3, 5, 6, 7, 2


class Keys(NamedTuple):
    """With which it ciphers all that it says, and the counter that it begins with."""

    title: bytes
    unicast: bytes
    authentication: bytes
    counter: int


class Concentrator:
    """An association with the concentrator at that address. Raises what gurux_dlms raises, and OSError."""

    def __init__(self, host: str, port: int, password: str | None = None, keys: Keys | None = None) -> None:
        self._client = _ciphered(keys) if keys else _plain(password)
        self._socket = socket.create_connection((host, port), timeout=PATIENCE_S)
        reply = GXReplyData()
        self._ask(self._client.aarqRequest(), reply)
        self._client.parseAareResponse(reply.data)
        if keys:
            self._ask(self._client.getApplicationAssociationRequest(), reply)
            self._client.parseApplicationAssociationResponse(reply.data)

    def identity(self) -> str:
        value = self._read(GXDLMSData(_IDENTITY), _VALUE)
        return bytes(value).decode() if isinstance(value, bytes | bytearray) else str(value)

    def values(self) -> Values:
        push, gasp, period = _objects()
        for number in (_DESTINATION, _RANDOM_START, _RETRIES, _DELAY):
            self._read(push, number)
        self._read(gasp, _DESTINATION)
        self._read(period, _VALUE)
        return _values_in(push, gasp, period)

    def write(self, wanted: Values, before: Values) -> Values:
        """Write what differs from ``before`` and read it back; what stands in the concentrator then."""
        objects = push, gasp, period = _objects()
        _put(wanted, *objects)
        places = {
            "destination": (push, _DESTINATION),
            "random_start": (push, _RANDOM_START),
            "retries": (push, _RETRIES),
            "retry_delay": (push, _DELAY),
            "last_gasp": (gasp, _DESTINATION),
            "period": (period, _VALUE),
        }
        has = asdict(before)
        for name, value in asdict(wanted).items():
            if value != has[name]:
                one, number = places[name]
                self._ask(self._client.write(one, number), GXReplyData())
                self._read(one, number)
        return _values_in(push, gasp, period)

    def release(self) -> None:
        self._ask(self._client.releaseRequest(), GXReplyData())
        self._socket.close()

    def _read(self, of: Any, number: int) -> Any:
        reply = GXReplyData()
        self._ask(self._client.read(of, number), reply)
        self._client.updateValue(of, number, reply.value)
        return reply.value

    def _ask(self, requests: Any, reply: Any) -> None:
        """Send each of ``requests`` and gather what is answered, block by block, in ``reply``."""
        for request in requests:
            reply.clear()
            self._exchange(request, reply)
            while reply.isMoreData():
                self._exchange(self._client.receiverReady(reply), reply)
        if reply.error:
            raise OSError(f"refused with {reply.error}")

    def _exchange(self, request: Any, reply: Any) -> None:
        self._socket.sendall(bytes(request))
        received = GXByteBuffer()
        while True:
            piece = self._socket.recv(_PIECE)
            if not piece:
                raise ConnectionAbortedError("closed before the reply")
            received.set(piece)
            if self._client.getData(received, reply, GXReplyData()):
                return


def _plain(password: str | None) -> Any:
    security = Authentication.NONE if password is None else Authentication.LOW
    return GXDLMSClient(True, 1, 1, security, password, InterfaceType.WRAPPER)


def _ciphered(keys: Keys) -> Any:
    client = GXDLMSSecureClient(True, 1, 1, Authentication.HIGH_GMAC, None, InterfaceType.WRAPPER)
    client.useProtectedRelease = True
    ciphering = client.ciphering
    ciphering.security = Security.AUTHENTICATION_ENCRYPTION
    ciphering.systemTitle, ciphering.invocationCounter = keys.title, keys.counter
    ciphering.blockCipherKey, ciphering.authenticationKey = keys.unicast, keys.authentication
    return client


def configure(
    host: str, port: int, wanted: Values, password: str | None = None, keys: Keys | None = None
) -> tuple[str, Values, Values]:
    """Who it is, and its values before and after ``wanted`` was written into it."""
    concentrator = Concentrator(host, port, password, keys)
    serial = concentrator.identity()
    before = concentrator.values()
    concentrator.write(wanted, before)
    after = concentrator.values()
    concentrator.release()
    return serial, before, after


def _objects() -> tuple[Any, Any, Any]:
    push, gasp, period = GXDLMSPushSetup(_PUSH), GXDLMSPushSetup(_LAST_GASP), GXDLMSData(_PERIOD)
    # Made by hand they are of version 2, whose delay is a structure.
    push.version = gasp.version = 0
    period.setDataType(_VALUE, DataType.UINT16)
    return push, gasp, period


def _put(values: Values, push: Any, gasp: Any, period: Any) -> None:
    push.destination, gasp.destination = values.destination, values.last_gasp
    gasp.service = 1  # UDP
    push.randomisationStartInterval = values.random_start
    push.numberOfRetries = values.retries
    push.repetitionDelay = values.retry_delay
    period.value = values.period


def _values_in(push: Any, gasp: Any, period: Any) -> Values:
    return Values(
        destination=push.destination or "",
        random_start=push.randomisationStartInterval,
        retries=push.numberOfRetries,
        retry_delay=push.repetitionDelay,
        last_gasp=gasp.destination or "",
        period=period.value,
    )


def main() -> None:
    """``HOST PORT PASSWORD VALUES [KEYS]``; the password may be empty, values and keys are those above in JSON.

    The bytes of keys are in hexadecimal digits.
    """
    host, port, password, values, *more = sys.argv[1:]
    keys = None
    if more:
        title, unicast, authentication, counter = json.loads(more[0])
        keys = Keys(bytes.fromhex(title), bytes.fromhex(unicast), bytes.fromhex(authentication), counter)
    with redirect_stdout(sys.stderr):  # it tells there that it ciphers
        serial, before, after = configure(host, int(port), Values(**json.loads(values)), password or None, keys)
    sys.stdout.write(json.dumps([serial, asdict(before), asdict(after)]))


if __name__ == "__main__":
    main()
