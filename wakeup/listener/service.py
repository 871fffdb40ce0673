"""The running listener: it opens its sockets, sweeps, and stops in order (LIS-5)."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from django.utils import timezone

from smmeplus.common.event_loop import stop_on_signals
from smmeplus.common.vitals.http import Endpoint
from smmeplus.common.vitals.sockets import CannotListenError, own_socket
from wakeup.listener.connections.balanced import BalancedDatagrams
from wakeup.listener.connections.limits import Limits
from wakeup.listener.connections.registry import Connections
from wakeup.listener.connections.sockets import (
    BACKLOG,
    acknowledge_by_answers,
    room_for_connections,
    shared_socket,
)
from wakeup.listener.connections.tcp import Connection
from wakeup.listener.connections.udp import Datagrams
from wakeup.listener.keys.looking_up import KeyRing
from wakeup.listener.metrics import Levels, Metrics, total
from wakeup.listener.tls.port import TlsPort, TlsWanted
from wakeup.listener.vitals.exposition import make_exposition
from wakeup.listener.vitals.health import Health
from wakeup.listener.vitals.heartbeat import Heartbeat
from wakeup.listener.vitals.housekeeping import Housekeeping
from wakeup.listener.vitals.pooling import PoolingCheck
from wakeup.listener.vitals.stalls import Stalls
from wakeup.listener.vitals.systemd import tell_systemd
from wakeup.listener.writers.buckets import Buckets, Rates
from wakeup.listener.writers.intake import PATIENCE_S, Intake
from wakeup.recording.fast_path import FastPath
from wakeup.recording.recorder import record

log = logging.getLogger(__name__)

METRICS_PORT = 9592
SWEEP_S = 2.0
# Of the 10 s of LIS-5; the rest is for the heartbeat's farewell and the end of the process.
DRAIN_S = 6.0
KEYS_S = 1.0  # for datagrams whose keys are looked up
LAST_ANSWERS_S = 0.5
ACCEPTING_S = 0.05  # for the connections that the system has accepted for us


@dataclass(slots=True)
class Options:
    host: str
    port: int
    writers: int
    limits: Limits = field(default_factory=Limits)
    rates: Rates = field(default_factory=Rates)
    tls: TlsWanted | None = None
    patience_s: float = PATIENCE_S
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = None  # None: METRICS_PORT if it is free; 0: none


async def serve(options: Options) -> None:
    """Listen on TCP and UDP until SIGTERM or SIGINT, then finish what is in hand and return.

    SIGHUP has it read its certificate again. Raises CannotListenError, SharedSessionsError or TlsFilesError.
    """
    stopped = stop_on_signals()
    listener = Listener(options)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, listener.reload)
    pooling = PoolingCheck(stopped.set)
    await pooling.begin()
    await listener.open()
    tell_systemd("READY=1")
    await listener.sweep_until(stopped)
    tell_systemd("STOPPING=1")
    await listener.close()
    await pooling.end()


class Listener:
    def __init__(self, options: Options) -> None:
        self._options = options
        self._tcp = shared_socket(socket.SOCK_STREAM, options.host, options.port)
        self._udp = shared_socket(socket.SOCK_DGRAM, options.host, options.port)
        self._http = _metrics_socket(options)
        self._tls = TlsPort(options.host, options.tls) if options.tls else None
        options.limits.connections = min(options.limits.connections, room_for_connections())
        self._started = self._swept_at = time.monotonic()
        self._swept = 0
        self._metrics = Metrics()
        self._buckets = Buckets(options.rates, options.limits.is_proxy)
        fast_path = FastPath()
        self._intake = Intake(
            options.writers,
            self._metrics,
            store=partial(record, fast_path=fast_path),
            fast_path=fast_path,
            buckets=self._buckets,
            patience_s=options.patience_s,
        )
        self._keys = KeyRing(options.patience_s)
        self._connections = Connections(options.limits, self._metrics, self._keys)
        self._health = Health(self._intake, time.monotonic, self._warning)
        self._housekeeping = Housekeeping()
        self._heartbeat = Heartbeat(
            options.host,
            options.port,
            self._metrics,
            self.levels,
            self._intake.database.see,
            tls_port=options.tls.port if options.tls else None,
        )
        self._stalls = Stalls(self._intake, self._heartbeat.worker)

    def levels(self) -> Levels:
        return Levels(
            queue=self._intake.frames,
            datagrams=self._intake.datagrams,
            connections=len(self._connections.open),
            is_away=self._intake.database.away_since is not None,
            uptime_s=time.monotonic() - self._started,
            waits_for=self._intake.database.waits_for,
            certificate_ends_at=self._tls.certificates.ends_at if self._tls else None,
        )

    async def open(self) -> None:
        """Listen, even while the database is away."""
        loop, options = asyncio.get_running_loop(), self._options
        self._server = await loop.create_server(
            lambda: Connection(self._connections, self._intake, options.port), sock=self._tcp, backlog=BACKLOG
        )
        acknowledge_by_answers(self._tcp)
        self._datagrams, _protocol = await loop.create_datagram_endpoint(
            lambda: Datagrams(
                self._intake,
                BalancedDatagrams(options.limits),
                options.port,
                self._metrics,
                options.limits,
                self._keys,
            ),
            sock=self._udp,
        )
        log.info("listening on TCP and UDP %s:%d", options.host, options.port)
        if self._tls is not None:
            await self._tls.open(self._connections, self._intake)
        if self._http is not None:
            await loop.create_server(self._endpoint(), sock=self._http)
            log.info("metrics and health at http://%s:%d/metrics and /healthz", *self._http.getsockname()[:2])
        self._housekeeping.start()
        self._heartbeat.start()
        self._stalls.start()

    def reload(self) -> None:
        """Read the certificate again, for new connections (SEC-4)."""
        if self._tls is not None:
            self._tls.reload()

    async def sweep_until(self, stopped: asyncio.Event) -> None:
        """Every two seconds end what has taken too long, and tell systemd that the writers are not stuck."""
        while not stopped.is_set():
            self._connections.close_idle(time.monotonic())
            self._buckets.refill(time.monotonic())
            self._intake.give_up_overdue()
            if self._tls is not None:
                self._tls.certificates.warn(timezone.now())
            tell_systemd(*self._signs_of_life())
            with suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), SWEEP_S)

    async def close(self) -> None:
        """Accept nothing more, store and answer what has come in, and close all connections."""
        self._health.is_stopping = True
        self._tcp.listen(0)  # no more in the backlog; those already there are accepted
        if self._tls is not None:
            self._tls.refuse()
        await asyncio.sleep(ACCEPTING_S)
        self._server.close()
        if self._tls is not None:
            self._tls.close()
        self._datagrams.close()
        self._intake.close()
        await self._keys.finish(KEYS_S)
        if not await self._intake.finish(DRAIN_S):
            log.warning(
                "not everything could be stored in time: %d frames come again, %d datagrams are lost",
                self._intake.frames,
                self._intake.datagrams,
            )
        self._connections.close_all()
        await self._stalls.end()
        await self._housekeeping.end()
        await self._heartbeat.end()
        await self._let_the_last_answers_out()
        await self._intake.stop()
        self._keys.stop()
        log.info("stopped; %d datagrams were dropped for want of room", total(self._metrics.dropped_datagrams))

    async def _let_the_last_answers_out(self) -> None:
        end = time.monotonic() + LAST_ANSWERS_S
        while self._connections.open and time.monotonic() < end:
            await asyncio.sleep(0.01)

    def _warning(self) -> str:
        return self._tls.certificates.warning(timezone.now()) if self._tls else ""

    def _endpoint(self) -> Endpoint:
        exposition = make_exposition(self._metrics, self.levels)
        return Endpoint({"/metrics": exposition, "/healthz": self._health.page})

    def _signs_of_life(self) -> list[str]:
        levels, now, count = self.levels(), time.monotonic(), total(self._metrics.messages)
        rate = (count - self._swept) / max(now - self._swept_at, 0.001)
        self._swept, self._swept_at = count, now
        waiting = levels.queue + levels.datagrams
        status = f"{rate:.0f} messages/s, {waiting} waiting, {levels.connections} connections"
        problem = self._health.problem
        signs = [f"STATUS={status}; {problem}" if problem else f"STATUS={status}"]
        return signs if self._intake.is_stuck else ["WATCHDOG=1", *signs]


def _metrics_socket(options: Options) -> socket.socket | None:
    """The socket of /metrics and /healthz; None where they are not wanted, or another listener has the default port."""
    if options.metrics_port == 0:
        return None
    try:
        return own_socket(options.metrics_host, options.metrics_port or METRICS_PORT)
    except CannotListenError as error:
        if options.metrics_port is not None:
            raise
        log.warning("no metrics and no health page: %s; give --metrics-port another one", error)
        return None
