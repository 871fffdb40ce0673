"""Posts a body to an address that was checked, and bears whatever answers there (STA-7)."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, RemoteDisconnected
from typing import Final

from wakeup.monitoring.notifications.events import Why, reason
from wakeup.monitoring.notifications.sending.addresses import NotSentError, Target, address_for

CONNECT_S: Final = 5.0
WHOLE_S: Final = 15.0
_READ: Final = 1_024  # bytes of the answer's content
_SHOWN: Final = 100  # characters of what a stranger says


def post(target: Target, headers: Mapping[str, str], body: bytes) -> None:
    """Return if it was taken. Raises NotSentError. Redirects are not followed, and proxies of the system not asked."""
    began = time.monotonic()
    connected = _connected(target, address_for(target))
    with connected, _Deadline(connected, WHOLE_S - (time.monotonic() - began)) as deadline:
        try:
            with _guarded(target, connected) as guarded:
                _judge(_answer(guarded, target, headers, body))
        except (OSError, HTTPException, ValueError) as error:
            raise NotSentError(_why(error, is_late=deadline.is_over)) from None


def _connected(target: Target, address: str) -> socket.socket:
    try:
        return socket.create_connection((address, target.port), timeout=CONNECT_S)
    except TimeoutError:
        raise NotSentError(reason(Why.NO_ANSWER, f"{CONNECT_S:.0f}")) from None
    except OSError as error:
        raise NotSentError(reason(Why.NO_CONNECTION, error.strerror or error)) from None


class _Deadline:
    """Ends all that goes on at a connection after some seconds, also if a byte comes in now and then.

    It has a descriptor of its own, because TLS takes the other one over.
    """

    def __init__(self, connected: socket.socket, seconds: float) -> None:
        self._socket = connected.dup()
        self._timer = threading.Timer(max(seconds, 0), self._end)
        self._timer.daemon = True
        self.is_over = False

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._timer.cancel()
        self._timer.join()
        self._socket.close()

    def _end(self) -> None:
        self.is_over = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)


def _guarded(target: Target, connected: socket.socket) -> socket.socket:
    connected.settimeout(WHOLE_S)
    return _context().wrap_socket(connected, server_hostname=target.host) if target.is_safe else connected


@cache
def _context() -> ssl.SSLContext:
    """Trusts whom the system trusts: a utility's own authority is installed there."""
    return ssl.create_default_context()


def _answer(connected: socket.socket, target: Target, headers: Mapping[str, str], body: bytes) -> HTTPResponse:
    connection = HTTPConnection(target.host, target.port)
    connection.sock = connected
    connection.request("POST", target.path, body, {"Host": target.host_header, "Connection": "close", **headers})
    return connection.getresponse()


def _judge(answer: HTTPResponse) -> None:
    """Raises NotSentError for all but 2xx. What the answer contains is not looked at."""
    with answer:
        if answer.status // 100 == HTTPStatus.OK // 100:
            with suppress(OSError, HTTPException, ValueError):
                answer.read1(_READ)  # what is not read would be reset, which some servers log as a failure
            return
        if answer.status // 100 == HTTPStatus.MULTIPLE_CHOICES // 100 and (where := answer.getheader("Location")):
            raise NotSentError(reason(Why.REDIRECTS, _shown(where)))
        raise NotSentError(reason(Why.ANSWERED, answer.status))


def _shown(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text[:_SHOWN])


def _why(error: Exception, *, is_late: bool) -> str:
    if is_late or isinstance(error, TimeoutError):
        return reason(Why.NO_ANSWER, f"{WHOLE_S:.0f}")
    if isinstance(error, RemoteDisconnected | ConnectionError):
        return reason(Why.CLOSED)
    if isinstance(error, ssl.SSLError):
        return reason(Why.NO_TLS, getattr(error, "verify_message", "") or error.reason or error)
    if isinstance(error, OSError):
        return reason(Why.NO_CONNECTION, error.strerror or error)
    return reason(Why.NO_HTTP)
