"""The configuration writer as a service: numbers for Prometheus, health, signs of life for systemd (CFG-3, OPS-2)."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Final

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from concentrators.configuration.figures import HEARD_NOT_REACHABLE, LOG_READ
from concentrators.configuration.writer import Writer
from concentrators.models import ConfigurationState, Failure
from smmeplus.common.vitals.http import Endpoint, Page
from smmeplus.common.vitals.pages import health_page, pages, service_registry
from wakeup.listener.vitals.systemd import tell_systemd

NAMESPACE: Final = "smmeplus_writer"
#: Without a pass for so long a writer is stuck, unless it knows that its database is away. An operator who makes the
#: whole fleet due at once holds the rows for some seconds.
STUCK_S: Final = 120.0
SIGN_S: Final = 5.0


async def serve(writer: Writer, stopped: asyncio.Event, http: socket.socket | None) -> None:
    """Let ``writer`` work until ``stopped``, with its pages on ``http``, a socket that listens."""
    vitals = Vitals(writer)
    if http is not None:
        await asyncio.get_running_loop().create_server(vitals.endpoint(), sock=http)
    signs = asyncio.create_task(_give_signs(vitals))
    tell_systemd("READY=1")
    try:
        await writer.run(stopped)
    finally:
        tell_systemd("STOPPING=1")
        signs.cancel()
        with suppress(asyncio.CancelledError):
            await signs


async def _give_signs(vitals: Vitals) -> None:
    while True:
        tell_systemd(*vitals.signs())
        await asyncio.sleep(SIGN_S)


class Vitals:
    """What is told of ``writer``; ``clock`` counts seconds as ``time.monotonic``."""

    def __init__(self, writer: Writer, clock: Callable[[], float] = time.monotonic) -> None:
        self._writer = writer
        self._clock = clock

    @property
    def since_pass_s(self) -> float:
        return self._clock() - self._writer.figures.passed_at

    @property
    def is_stuck(self) -> bool:
        return self.since_pass_s > STUCK_S and not self._writer.figures.away

    @property
    def problem(self) -> str:
        """Why it does not work, in words; empty while it does."""
        if self._writer.figures.away:
            return f"the database has been away for {self.since_pass_s:.0f} s: {self._writer.figures.away}"
        return f"nothing was begun or stored for {self.since_pass_s:.0f} s" if self.is_stuck else ""

    def signs(self) -> list[str]:
        """What systemd is told; a writer that is stuck gives no sign of life."""
        figures = self._writer.figures
        status = f"{self._writer.under_way} under way, {figures.written} written, {figures.failed} failed"
        said = [f"STATUS={status}; {self.problem}" if self.problem else f"STATUS={status}"]
        return said if self.is_stuck else ["WATCHDOG=1", *said]

    def endpoint(self) -> Endpoint:
        return pages(self._registry(), self.page)

    def page(self) -> Page:
        return health_page(self.problem)

    def _registry(self) -> CollectorRegistry:
        registry = service_registry(NAMESPACE, self._clock)
        registry.register(_Counted(self._writer))
        gauge = partial(Gauge, namespace=NAMESPACE, registry=registry)
        gauge("under_way", "Concentrators that are connected to now.").set_function(lambda: self._writer.under_way)
        gauge(
            "since_pass_seconds", "Since all that was due was last begun, and all that had ended stored."
        ).set_function(lambda: self.since_pass_s)
        gauge("database_away", "1 while the database takes nothing.").set_function(
            lambda: bool(self._writer.figures.away)
        )
        return registry


class _Counted(Collector):
    """Tries by what came of them, and configurations by state, once they have been counted."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def collect(self) -> Iterable[Metric]:
        figures = self._writer.figures
        tries = CounterMetricFamily(f"{NAMESPACE}_tries", "Tries, by what came of them.", labels=["outcome"])
        for outcome in ("written", "checked", *Failure.values):
            tries.add_metric([outcome], figures.outcomes[outcome])
        yield tries
        logs = CounterMetricFamily(
            f"{NAMESPACE}_power_logs", "Tries to read logs of power failures, by what came of them.", labels=["outcome"]
        )
        for outcome in (LOG_READ, *Failure.values):
            logs.add_metric([outcome], figures.logs[outcome])
        yield logs
        if not figures.states:
            return
        states = GaugeMetricFamily(
            f"{NAMESPACE}_configurations",
            "Concentrators in field, by state.",
            labels=["state"],
        )
        for state in (*ConfigurationState.values, HEARD_NOT_REACHABLE):
            states.add_metric([state], figures.states.get(state, 0))
        yield states
