"""Loads that are ciphered: each frame is sent once, because its counter has to rise (SEC-3)."""

from __future__ import annotations

import os
import select
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from smmeplus.dlms.ciphering.frames import ciphered_frame
from smmeplus.dlms.ciphering.keys import Keys
from tests.bench.sender import Load, Outcome, WrongAnswerError, connections_of, ready

KEYS: Final = Keys(b"unicast-of-bench", b"authentic-bench!")
#: Of the wrapped and ciphered confirmation: 6 bytes, with title, control, counter and tag.
ANSWER_SIZE: Final = 42
_ANSWER_BEGINS: Final = bytes.fromhex("0001 0001 0001 0022 DB08")
_RECEIVE: Final = 65_536
_RESERVE: Final = 700  # messages of a connection for each second


def title_of(number: int) -> bytes:
    return b"EPL" + number.to_bytes(5, "big")


def give_keys(concentrators: Sequence[int]) -> None:
    """Keys for ``concentrators``, by which listeners that are started from now on read what they send."""
    from cryptography.fernet import Fernet
    from django.conf import settings
    from django.utils import timezone

    from concentrators.keys.encryption import encrypted
    from concentrators.models import DeviceKeys

    os.environ["CONFIGURATION_KEYS"] = Fernet.generate_key().decode()
    settings.CONFIGURATION_KEYS = [os.environ["CONFIGURATION_KEYS"]]
    DeviceKeys.objects.bulk_create(
        DeviceKeys(
            concentrator_id=pk,
            system_title=title_of(number).hex().upper(),
            encrypted_unicast_key=encrypted(KEYS.unicast),
            encrypted_authentication_key=encrypted(KEYS.authentication),
            changed_at=timezone.now(),
        )
        for number, pk in enumerate(concentrators)
    )


@dataclass(slots=True)
class _Stream:
    frames: memoryview
    size: int  # of a frame
    sent: int = 0
    received: int = 0  # bytes

    def take(self, count: int) -> memoryview:
        taken = self.frames[self.sent * self.size : (self.sent + count) * self.size]
        self.sent += len(taken) // self.size
        return taken


def ciphered_in_flight(
    load: Load, port: int, seconds: float, connections: int, in_flight: int, first_counter: int
) -> Outcome:
    """Like :func:`tests.bench.sender.many_in_flight`, but ciphered, with counters from ``first_counter`` on."""
    count = in_flight + int(_RESERVE * seconds)
    streams = [_stream(load.frames[number], number, first_counter, count) for number in range(connections)]
    poll, by_socket = select.epoll(), {}
    for stream, connected in zip(streams, connections_of(port, connections), strict=True):
        by_socket[connected.fileno()] = connected, stream
        poll.register(connected.fileno(), select.EPOLLIN)
    began, answered = perf_counter(), 0
    for connected, stream in by_socket.values():
        connected.sendall(stream.take(in_flight))
    on_the_way = connections * in_flight
    while on_the_way:
        is_over = perf_counter() - began >= seconds
        for number, _event in ready(poll):
            connected, stream = by_socket[number]
            done = _answers(stream, connected.recv(_RECEIVE))
            answered += done
            on_the_way -= done
            if not is_over and done:
                more = stream.take(done)
                connected.sendall(more)
                on_the_way += len(more) // stream.size
    took = perf_counter() - began
    for connected, _stream_of_it in by_socket.values():
        connected.close()
    return Outcome(answered, took)


def _stream(frame: bytes, number: int, first_counter: int, count: int) -> _Stream:
    title = title_of(number)
    frames = [ciphered_frame(frame, KEYS, title, first_counter + index) for index in range(count)]
    return _Stream(memoryview(b"".join(frames)), len(frames[0]))


def _answers(stream: _Stream, data: bytes) -> int:
    """How many answers have come in whole by ``data``; that each is right is looked at where one begins."""
    begin = -stream.received % ANSWER_SIZE
    for start in range(begin, len(data) - len(_ANSWER_BEGINS) + 1, ANSWER_SIZE):
        if data[start : start + len(_ANSWER_BEGINS)] != _ANSWER_BEGINS:
            raise WrongAnswerError(data[start : start + ANSWER_SIZE].hex())
    if not data:
        raise WrongAnswerError("the connection was closed")
    before = stream.received // ANSWER_SIZE
    stream.received += len(data)
    return stream.received // ANSWER_SIZE - before
