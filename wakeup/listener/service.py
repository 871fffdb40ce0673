"""The running listener: sockets, signals and a good end (LIS-5)."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass, field

from wakeup.listener.connections import Connections, Limits
from wakeup.listener.datagrams import Datagrams
from wakeup.listener.intake import Intake

log = logging.getLogger(__name__)

SWEEP_S = 2.0
DRAIN_S = 8.0  # of the 10 s that LIS-5 allows
BACKLOG = 4_096
SPARE_DESCRIPTORS = 64  # for the database, the log and the rest, however many connections are open


@dataclass(slots=True)
class Options:
    """What the command line says."""

    host: str
    port: int
    writers: int
    limits: Limits = field(default_factory=Limits)


async def serve(options: Options) -> None:
    """Listen on TCP and UDP until SIGTERM or SIGINT, then finish what is in hand and return."""
    stopped = _stop_on_signals()
    options.limits.connections = min(options.limits.connections, _descriptors() - SPARE_DESCRIPTORS)
    intake = Intake(options.writers)
    connections = Connections(intake, options.port, options.limits)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(connections, sock=_bound(socket.SOCK_STREAM, options), backlog=BACKLOG)
    datagrams, protocol = await loop.create_datagram_endpoint(
        lambda: Datagrams(intake, options.port), sock=_bound(socket.SOCK_DGRAM, options)
    )
    log.info("listening on TCP and UDP %s:%d", options.host, options.port)
    tell_systemd("READY=1")
    await _sweep_until(stopped, connections)
    tell_systemd("STOPPING=1")
    server.close()
    datagrams.close()
    if not await intake.finish(DRAIN_S):
        log.warning("not everything could be stored in time; what was not answered comes again")
    connections.close_all()
    await intake.stop()
    log.info("stopped; %d datagrams were dropped for want of room", protocol.dropped)


def tell_systemd(state: str) -> None:
    """Send ``state`` to systemd if it started us with ``Type=notify``; see sd_notify(3)."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        # Not worth a message lost: without a sign of life systemd acts by itself.
        notify.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)


async def _sweep_until(stopped: asyncio.Event, connections: Connections) -> None:
    loop = asyncio.get_running_loop()
    while not stopped.is_set():
        connections.close_idle(loop.time())
        tell_systemd("WATCHDOG=1")
        try:
            await asyncio.wait_for(stopped.wait(), SWEEP_S)
        except TimeoutError:
            continue


def _stop_on_signals() -> asyncio.Event:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


def _bound(kind: socket.SocketKind, options: Options) -> socket.socket:
    """A socket on the address, shared with other listeners of this machine."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    bound = socket.socket(family, kind)
    bound.setblocking(False)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind((options.host, options.port))
    return bound


def _descriptors() -> int:
    """Raise the limit of open files as far as it goes, and say how far."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
