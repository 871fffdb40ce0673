"""The sender: a process of its own with frames made beforehand, which counts nothing but the right answers.

A plain ``epoll`` loop: it has to cost less than a bare echo server, or it would be what is measured.
"""

from __future__ import annotations

import itertools
import resource
import select
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter

from tests.support.listener import HOST

_SOURCES = 200  # addresses 127.0.1.1 and up: one alone would run out of ports within seconds
_RECEIVE = 65_536
_SPARE_DESCRIPTORS = 100
_OPENED_AT_ONCE = 250
_TIMEOUT_S = 30
_TIMEOUT = struct.pack("ll", _TIMEOUT_S, 0)

_held: list[socket.socket] = []


class WrongAnswerError(RuntimeError):
    """Something else came back than the answer to what was sent."""


@dataclass
class Outcome:
    """What came back: the number of right answers, how long all of it took, and the time of each answer.

    Seconds; ``times`` is empty where many are in flight on one connection.
    """

    answered: int = 0
    seconds: float = 0.0
    times: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds


@dataclass(frozen=True)
class Load:
    """Frames of one length, taken in turn, and the answer that each of them is due."""

    frames: tuple[bytes, ...]
    answer: bytes

    @property
    def frame_size(self) -> int:
        return len(self.frames[0])


def one_connection_each(load: Load, port: int, seconds: float, at_once: int) -> Outcome:
    """For ``seconds`` keep ``at_once`` connections open, each for one message (PER-1); the time includes connecting."""
    return one_connection_each_checked(load, port, seconds, at_once, partial(_expect, load.answer))


def one_connection_each_checked(
    load: Load, port: int, seconds: float, at_once: int, check: Callable[[bytes], object]
) -> Outcome:
    """The same for answers that differ; ``check`` raises WrongAnswerError for a wrong one."""
    frames, ends = itertools.cycle(load.frames), perf_counter() + seconds
    first = itertools.islice(frames, at_once)
    more = itertools.takewhile(lambda _frame: perf_counter() < ends, frames)
    return _over_its_own(itertools.chain(first, more), check, port, at_once)


def each_once(load: Load, port: int, at_once: int) -> Outcome:
    """Send each frame once, over a connection of its own, ``at_once`` at a time (PER-8)."""
    return _over_its_own(iter(load.frames), partial(_expect, load.answer), port, at_once)


def _over_its_own(frames: Iterator[bytes], check: Callable[[bytes], object], port: int, at_once: int) -> Outcome:
    outcome, sources = Outcome(), _sources()
    poll, waiting = select.epoll(), dict[int, tuple[socket.SocketType, float]]()

    def open_one(frame: bytes) -> None:
        started = perf_counter()
        # What it does not need would be measured, too: Python's own layer on it, a time-out of its own.
        connected = socket.SocketType(socket.AF_INET, socket.SOCK_STREAM)
        _connect(connected, port, next(sources))
        connected.send(frame)
        number = connected.fileno()
        waiting[number] = connected, started
        poll.register(number, select.EPOLLIN)

    began = perf_counter()
    for frame in itertools.islice(frames, at_once):
        open_one(frame)
    while waiting:
        for number, _event in ready(poll):
            connected, started = waiting.pop(number)
            check(connected.recv(_RECEIVE))
            outcome.times.append(perf_counter() - started)
            connected.close()
            for frame in itertools.islice(frames, 1):
                open_one(frame)
    outcome.answered, outcome.seconds = len(outcome.times), perf_counter() - began
    return outcome


@dataclass(slots=True)
class _Stream:
    """A connection with many in flight: how far it is in the frames, and in the answers."""

    connected: socket.socket
    frames: memoryview
    cycle: int  # after so many frames it begins anew
    sent: int = 0
    received: int = 0


def many_in_flight(
    load: Load, port: int, seconds: float, connections: int, in_flight: int, *, is_mixed: bool = False
) -> Outcome:
    """For ``seconds`` keep ``in_flight`` messages on the way on each of ``connections`` that stay open (PER-2).

    Each connection is that of one concentrator, as in the field; if ``is_mixed``, each message is of another one.
    """
    poll, answers, answered = select.epoll(), memoryview(load.answer * (in_flight + 1)), 0
    streams = {
        stream.connected.fileno(): stream for stream in _streams(load, port, connections, in_flight, is_mixed=is_mixed)
    }

    def send(stream: _Stream, count: int) -> None:
        start = stream.sent % stream.cycle * load.frame_size
        stream.connected.sendall(stream.frames[start : start + count * load.frame_size])
        stream.sent += count

    began = perf_counter()
    for number, stream in streams.items():
        poll.register(number, select.EPOLLIN)
        send(stream, in_flight)
    on_the_way = connections * in_flight
    while on_the_way:
        is_over = perf_counter() - began >= seconds
        for number, _event in ready(poll):
            stream = streams[number]
            data = stream.connected.recv(_RECEIVE)
            begun = stream.received % len(load.answer)
            _expect(answers[begun : begun + len(data)], data)
            count = (begun + len(data)) // len(load.answer)
            stream.received += len(data)
            answered += count
            on_the_way -= count
            if not is_over and count:
                send(stream, count)
                on_the_way += count
    took = perf_counter() - began
    for stream in streams.values():
        stream.connected.close()
    return Outcome(answered, took)


def one_after_the_other(load: Load, port: int, count: int) -> Outcome:
    """Send ``count`` messages over one connection, each after the answer to the one before (PER-3)."""
    outcome = Outcome()
    with _connected(port, HOST) as connected:
        began = perf_counter()
        for frame in itertools.islice(itertools.cycle(load.frames), count):
            started = perf_counter()
            connected.send(frame)
            answer = connected.recv(_RECEIVE)
            outcome.times.append(perf_counter() - started)
            _expect(load.answer, answer)
        outcome.answered, outcome.seconds = count, perf_counter() - began
    return outcome


def hold_open(load: Load, port: int, count: int) -> Outcome:
    """Open ``count`` connections, send one message over each and take the answer; leave them open (PER-7)."""
    _raise_limit(count)
    began, frames, sources = perf_counter(), itertools.cycle(load.frames), _sources()
    while len(_held) < count:
        opened = [_connected(port, next(sources)) for _ in range(min(_OPENED_AT_ONCE, count - len(_held)))]
        _held.extend(opened)
        for connected in opened:
            connected.send(next(frames))
        for connected in opened:
            _expect(load.answer, connected.recv(_RECEIVE))
    return Outcome(count, perf_counter() - began)


def release_all() -> None:
    """Close what :func:`hold_open` has left open."""
    while _held:
        _held.pop().close()


def _streams(load: Load, port: int, connections: int, in_flight: int, *, is_mixed: bool) -> Iterator[_Stream]:
    everything = memoryview(b"".join(load.frames + load.frames[:in_flight]))
    for number, connected in enumerate(connections_of(port, connections)):
        if is_mixed:
            count = len(load.frames)
            yield _Stream(connected, everything, cycle=count, sent=number * count // connections)
        else:
            yield _Stream(connected, memoryview(load.frames[number] * (in_flight + 1)), cycle=1)


def connections_of(port: int, count: int) -> Iterator[socket.socket]:
    """``count`` connections for many messages each, from different addresses."""
    for _, source in zip(range(count), _sources(), strict=False):
        connected = _connected(port, source)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield connected


def _connected(port: int, source: str) -> socket.socket:
    connected = socket.socket()
    # The kernel's time-out: that of Python would ask the kernel twice for every step.
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _TIMEOUT)
    _connect(connected, port, source)
    return connected


def _connect(connecting: socket.SocketType, port: int, source: str) -> None:
    connecting.setsockopt(socket.IPPROTO_IP, socket.IP_BIND_ADDRESS_NO_PORT, 1)
    connecting.bind((source, 0))
    connecting.connect((HOST, port))


def _sources() -> Iterator[str]:
    return itertools.cycle([f"127.0.1.{number}" for number in range(1, _SOURCES + 1)])


def ready(poll: select.epoll) -> list[tuple[int, int]]:
    if ready := poll.poll(_TIMEOUT_S):
        return ready
    raise WrongAnswerError(f"no answer for {_TIMEOUT_S} s")


def _expect(answer: bytes | memoryview, data: bytes) -> None:
    if answer != data:
        raise WrongAnswerError(f"received {data[:64].hex(' ') or 'nothing'} instead of {bytes(answer[:64]).hex(' ')}")


def _raise_limit(connections: int) -> None:
    """Allow as many open files as that takes. Raises ValueError where the system does not."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < connections + _SPARE_DESCRIPTORS:
        raise ValueError(f"{connections} connections need a limit of open files above {hard}: see ulimit -Hn")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
