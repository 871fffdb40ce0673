"""The same loads as those of the sender, over TLS. Each handshake costs it as much as it costs the listener."""

from __future__ import annotations

import itertools
import select
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

from tests.bench.sender import Load, Outcome, WrongAnswerError
from tests.support.listener import HOST

_RECEIVE = 65_536
_TIMEOUT_S = 30


def one_tls_connection_each(load: Load, port: int, seconds: float, at_once: int, trusted: str) -> Outcome:
    """For ``seconds`` keep ``at_once`` connections open, each for one message; ``trusted`` is the file of a root."""
    context, frames = _context(trusted), itertools.cycle(load.frames)

    def send_until(end: float) -> list[float]:
        times = []
        while (started := perf_counter()) < end:
            with _connected(context, port) as connected:
                connected.sendall(next(frames))
                _expect(load.answer, connected.recv(_RECEIVE))
            times.append(perf_counter() - started)
        return times

    began = perf_counter()
    with ThreadPoolExecutor(at_once) as threads:
        times = list(itertools.chain(*threads.map(send_until, [began + seconds] * at_once)))
    return Outcome(len(times), perf_counter() - began, times)


def many_in_flight_by_tls(
    load: Load, port: int, seconds: float, connections: int, in_flight: int, trusted: str
) -> Outcome:
    """For ``seconds`` keep ``in_flight`` messages on the way on each of ``connections``, each of one concentrator."""
    context, poll = _context(trusted), select.epoll()
    streams = {}
    for frame, connected in zip(load.frames, (_connected(context, port) for _ in range(connections)), strict=False):
        streams[connected.fileno()] = connected, frame
        poll.register(connected, select.EPOLLIN)
    received, answered, on_the_way = dict.fromkeys(streams, b""), 0, connections * in_flight
    began = perf_counter()
    for connected, frame in streams.values():
        connected.sendall(frame * in_flight)
    while on_the_way:
        for number, _event in poll.poll(_TIMEOUT_S):
            connected, frame = streams[number]
            data = received[number] + _all_of(connected)
            count, rest = divmod(len(data), len(load.answer))
            _expect(load.answer * count, data[: len(data) - rest])
            received[number] = data[len(data) - rest :]
            answered += count
            on_the_way -= count
            if count and perf_counter() - began < seconds:
                connected.sendall(frame * count)
                on_the_way += count
    took = perf_counter() - began
    for connected, _frame in streams.values():
        connected.close()
    return Outcome(answered, took)


def _context(trusted: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=trusted)
    context.check_hostname = False
    return context


def _connected(context: ssl.SSLContext, port: int) -> ssl.SSLSocket:
    plain = socket.create_connection((HOST, port), timeout=_TIMEOUT_S)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context.wrap_socket(plain)


def _all_of(connected: ssl.SSLSocket) -> bytes:
    """What has come, of which the poll does not know what lies in the session already."""
    data = connected.recv(_RECEIVE)
    while connected.pending():
        data += connected.recv(_RECEIVE)
    return data


def _expect(answer: bytes, data: bytes) -> None:
    if answer != data:
        raise WrongAnswerError(f"received {data[:64].hex(' ') or 'nothing'} instead of {answer[:64].hex(' ')}")
