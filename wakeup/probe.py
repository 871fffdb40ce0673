"""One message as a concentrator would send it, and what the answer says (LIS-8)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from concentrators.simulator.sending import exchange
from smmeplus.dlms.apdus import HEARTBEAT, LOGIN
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import wrap
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import (
    concentrator_notification,
    event_notification,
    push_notification,
    read_confirmation,
)
from smmeplus.dlms.sessions import ANSWERS, session_apdu
from smmeplus.dlms.telegram import ACK, NAK, telegram

_SESSION_ANSWERS = {wrap(1, 1, answer): "acknowledged" for answer in ANSWERS.values()}

Builder = Callable[[str, Kind, datetime], bytes]


@dataclass(frozen=True, slots=True)
class ProbeFormat:
    build: Builder
    is_answered: bool


def _confirmed(builder: Callable[..., bytes], serial: str, kind: Kind, now: datetime) -> bytes:
    return builder(serial, kind, invoke_id=int(now.timestamp()) & 0xFFFFFF, moment=now)


def _session(tag: int, serial: str, kind: Kind, _now: datetime) -> bytes:
    if kind is not Kind.KEEPALIVE:
        raise FrameError(f"a login or heartbeat cannot say {kind.word}")
    return wrap(1, 1, session_apdu(tag, serial))


FORMATS = {
    "push": ProbeFormat(partial(_confirmed, push_notification), is_answered=True),
    "concentrator": ProbeFormat(partial(_confirmed, concentrator_notification), is_answered=True),
    "event": ProbeFormat(lambda serial, kind, now: event_notification(serial, kind, moment=now), is_answered=False),
    "telegram": ProbeFormat(lambda serial, kind, now: telegram(serial, kind, moment=now), is_answered=True),
    "login": ProbeFormat(partial(_session, LOGIN), is_answered=True),
    "heartbeat": ProbeFormat(partial(_session, HEARTBEAT), is_answered=True),
}


@dataclass(frozen=True, slots=True)
class Probe:
    host: str
    port: int
    timeout_s: float
    is_datagram: bool = False


async def send(frame: bytes, probe: Probe, probe_format: ProbeFormat) -> str:
    """Send ``frame`` and return the answer in words. Raises OSError and TimeoutError if one is due and none comes."""
    if probe.is_datagram:
        answer = await _exchange_datagrams(frame, probe, probe_format)
        return describe(answer) if answer else "none is due: this format has no answer, and a datagram no connection"
    answer = await exchange(frame, probe.host, probe.port, timeout=probe.timeout_s, answer_due=probe_format.is_answered)
    return describe(answer) if answer else "stored: this format has no answer, the connection was closed in good order"


def describe(answer: bytes) -> str:
    """What an answer says: ``confirmed, invoke id 1 (0001…)`` for example."""
    words = {ACK: "acknowledged", NAK: "refused", **_SESSION_ANSWERS}.get(answer)
    if words is None:
        try:
            words = f"confirmed, invoke id {read_confirmation(answer)}"
        except FrameError as error:
            words = f"not understood: {error}"
    return f"{words} ({answer.hex()})"


async def _exchange_datagrams(frame: bytes, probe: Probe, probe_format: ProbeFormat) -> bytes:
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[bytes] = loop.create_future()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Answer(answered), remote_addr=(probe.host, probe.port))
    try:
        transport.sendto(frame)
        if not probe_format.is_answered:
            return b""
        async with asyncio.timeout(probe.timeout_s):
            return await answered
    finally:
        transport.close()


class _Answer(asyncio.DatagramProtocol):
    def __init__(self, answered: asyncio.Future[bytes]) -> None:
        self._answered = answered

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 - connected to one address
        if not self._answered.done():
            self._answered.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if not self._answered.done():
            self._answered.set_exception(exc)
