"""Good senders during an attack against the same ones in calm: ``python -m tests.bench.attack``.

The attack: thousands of connections, opened within two seconds, that send one byte of a frame every other second and
come again when they are cut off, and a flood of garbage over TCP and UDP. The good senders keep to a rate, whatever
becomes of their messages, so that none waits unnoticed for its turn. All share the processors of this machine, so the
attack's own work is part of what is measured.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import random
import resource
import select
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import NamedTuple

from django.core.management import call_command

from tests.bench.figures import percentile
from tests.bench.measuring import set_up
from tests.bench.places import DEFAULT_DIRECTORY, PLACES, Place
from tests.support.listener import HOST

SLOW = 5_000
BYTE_EVERY_S = 2.0
GARBAGE_RATE = 300  # connections a second
DATAGRAM_RATE = 300
GARBAGE = 2_000  # bytes of each
GOOD_RATE = 667  # messages a second, each over a connection of its own: the fleet of section 15
CALM_S = 6.0
ATTACK_S = 15.0  # above the time for one frame: the slow ones are cut off meanwhile, and come again
ROUNDS = 3
TARGET = 3.0
_TICK_S = 0.02
_SPAWN = multiprocessing.get_context("spawn")


class Round(NamedTuple):
    """The 99th percentile of the time from when a message is due to its answer, in seconds."""

    calm: float
    attacked: float

    @property
    def ratio(self) -> float:
        return self.attacked / self.calm


@dataclass(frozen=True)
class Good:
    """What the good senders send, in turn, and the answer that each message gets."""

    frames: tuple[bytes, ...]
    answer: bytes


def measure(place: Place, rounds: int = ROUNDS) -> list[Round]:
    """Calm and attack in turn, against a listener on the empty database of ``place``, to which Django is set up.

    Raises RuntimeError when a message that was answered is not in the database.
    """
    from tests.bench.context import Context
    from wakeup.models import Message, StrayFrame

    call_command("migrate", verbosity=0)
    with ExitStack() as stack:
        context = Context(place, rounds, stack)
        good = Good(context.load.frames, context.load.answer)
        port = context.listener.port
        sender = stack.enter_context(ProcessPoolExecutor(1, mp_context=_SPAWN))
        sender.submit(send_at_rate, good, port, 2.0).result()
        measured, answered = [], int(2.0 * GOOD_RATE)
        for _ in range(rounds):
            calm = sender.submit(send_at_rate, good, port, CALM_S).result()
            with attack_on(port):
                attacked = sender.submit(send_at_rate, good, port, ATTACK_S).result()
            measured.append(Round(percentile(calm, 0.99), percentile(attacked, 0.99)))
            answered += len(calm) + len(attacked)
        if Message.objects.count() != answered:
            raise RuntimeError(f"{answered} messages were answered, {Message.objects.count()} are stored")
        sys.stderr.write(f"  {answered} messages, {sum(StrayFrame.objects.values_list('count', flat=True))} strays\n")
    return measured


def send_at_rate(good: Good, port: int, seconds: float) -> list[float]:
    """Send ``GOOD_RATE`` messages a second, each when it is due and over a connection of its own: their times."""
    frames, sources, poll = itertools.cycle(good.frames), _sources("127.0.1"), select.epoll()
    waiting: dict[int, tuple[socket.socket, float]] = {}
    times: list[float] = []
    total, number, began = int(seconds * GOOD_RATE), 0, perf_counter()
    while number < total or waiting:
        due = began + number / GOOD_RATE
        if number < total and due <= perf_counter():
            connected = _connected(port, next(sources))
            connected.send(next(frames))
            waiting[connected.fileno()] = connected, due
            poll.register(connected.fileno(), select.EPOLLIN)
            number += 1
            continue
        for descriptor, _event in poll.poll(max(0.0, due - perf_counter()) if number < total else 30):
            connected, since = waiting.pop(descriptor)
            if connected.recv(1_000) != good.answer:
                raise RuntimeError("a good sender got no answer, or a wrong one")
            times.append(perf_counter() - since)
            connected.close()
    return times


@contextmanager
def attack_on(
    port: int, slow: int = SLOW, garbage_rate: float = GARBAGE_RATE, datagram_rate: float = DATAGRAM_RATE
) -> Iterator[None]:
    """An attack by a process of its own, at full strength inside the block; the rates are per second."""
    ready, stop = _SPAWN.Event(), _SPAWN.Event()
    process = _SPAWN.Process(target=_attack, args=(port, slow, garbage_rate, datagram_rate, ready, stop))
    process.start()
    try:
        if not ready.wait(60):
            raise RuntimeError("the attack has not begun within 60 s")
        yield
    finally:
        stop.set()
        process.join(30)
        process.kill()


def _attack(port: int, count: int, garbage_rate: float, datagram_rate: float, ready: Event, stop: Event) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    junk = random.Random(SLOW).randbytes(GARBAGE)
    sources, garbage = _sources("127.0.4"), _sources("127.0.5")
    turns = int(BYTE_EVERY_S / _TICK_S)
    slow: list[socket.socket] = []
    while len(slow) < count:
        slow += [_begun(port, next(sources)) for _ in range(min(count - len(slow), -(-count // turns)))]
        sleep(_TICK_S)
    ready.set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        for tick in itertools.count():
            if stop.is_set():
                return
            began = perf_counter()
            for place in range(tick % turns, count, turns):
                slow[place] = _next_byte(slow[place], port, next(sources))
            for _ in range(int(garbage_rate * _TICK_S)):
                with suppress(ConnectionError), _connected(port, next(garbage)) as connected:
                    connected.send(junk)
            for _ in range(int(datagram_rate * _TICK_S)):
                datagrams.sendto(junk[:200], (HOST, port))
            sleep(max(0.0, _TICK_S - (perf_counter() - began)))


def _begun(port: int, source: str) -> socket.socket:
    """A connection with the first byte of a text telegram."""
    connected = _connected(port, source)
    connected.send(b"/")
    return connected


def _next_byte(connected: socket.socket, port: int, source: str) -> socket.socket:
    """Send one byte more, or begin anew if the connection was cut off."""
    try:
        connected.send(b"x")
    except OSError:
        connected.close()
        return _begun(port, source)
    return connected


def _connected(port: int, source: str) -> socket.socket:
    connected = socket.socket()
    connected.settimeout(30)
    connected.setsockopt(socket.IPPROTO_IP, socket.IP_BIND_ADDRESS_NO_PORT, 1)
    connected.bind((source, 0))
    connected.connect((HOST, port))
    return connected


def _sources(network: str) -> Iterator[str]:
    return itertools.cycle([f"{network}.{number}" for number in range(1, 251)])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.attack", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--database", choices=PLACES, default="postgres")
    parser.add_argument("--directory", type=Path, default=DEFAULT_DIRECTORY, help="on the disk to measure on")
    options = parser.parse_args()
    set_up("sqlite://:memory:")
    with (
        PLACES[options.database](options.directory) as place,
        ProcessPoolExecutor(1, mp_context=_SPAWN, initializer=set_up, initargs=(place.url,)) as process,
    ):
        rounds = process.submit(measure, place, options.rounds).result()
    for one in rounds:
        sys.stdout.write(
            f"p99 {one.calm * 1000:.2f} ms calm, {one.attacked * 1000:.2f} ms attacked: {one.ratio:.2f} x\n"
        )
    middle = median(one.ratio for one in rounds)
    sys.stdout.write(f"median {middle:.2f} x; at most {TARGET:g} x is wanted\n")
    return int(middle > TARGET)


if __name__ == "__main__":
    sys.exit(main())
