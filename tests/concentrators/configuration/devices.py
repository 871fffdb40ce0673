"""Simulated devices on loopback addresses, whole and faulty, and a writer that meets them once."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from concentrators.configuration.between import TakeHeard, pass_over
from concentrators.configuration.transport import Patience
from concentrators.configuration.writer import Plan, Writer
from concentrators.models import Concentrator, Configuration, ConfigurationValue
from concentrators.procedures.actions import install
from concentrators.simulator.ciphering.pushes import Ciphering
from concentrators.simulator.devices import Device
from concentrators.simulator.serving import Line
from profiles.models import SpontaneousProfile
from smmeplus.dlms.errors import FrameError
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from wakeup.models import WakeupTotal

PATIENCE = Patience(connect_s=2, reply_s=0.3, total_s=2)
Fault = Callable[["FaultyLine", bytes], None]


class FaultyLine(Line):
    """A connection whose ``fault`` decides what becomes of each request."""

    def __init__(self, device: Device, fault: Fault) -> None:
        super().__init__(device, lambda _serial, _profile: None)
        self.fault = fault
        self.requests = 0
        self.drops = 0

    def data_received(self, data: bytes) -> None:
        self.requests += 1
        try:
            self.fault(self, data)
        except FrameError:
            self.transport.abort()

    def reply(self, data: bytes) -> bytes:
        return self.server.receive(data)


def obey(line: FaultyLine, data: bytes) -> None:
    line.transport.write(line.reply(data))


def installed(number: int = 1, profile: SpontaneousProfile | None = None, **facts: Any) -> list[Concentrator]:
    """So many concentrators of one company, installed by the procedure, on addresses of their own."""
    profile = profile or SpontaneousProfileFactory.create()
    first = ConcentratorFactory.create(management_ip="127.77.0.1", **facts)
    others = [
        ConcentratorFactory.create(management_ip=f"127.77.0.{place}", company=first.company, **facts)
        for place in range(2, number + 1)
    ]
    ones = [first, *others]
    chosen = Concentrator.objects.filter(pk__in=[one.pk for one in ones])
    install(chosen, profile, user=None, now=timezone.now())
    return list(chosen.order_by("pk"))


def device_of(
    one: Concentrator,
    known: Mapping[str, str] | None = None,
    password: bytes | None = None,
    ciphering: Ciphering | None = None,
) -> Device:
    return Device(one.serial_number, one.type, known or {}, password, ciphering=ciphering)


def meet(
    devices: Mapping[Concentrator, Device],
    fault: Fault = obey,
    *,
    writers: int = 1,
    verify_after: timedelta | None = None,
    now: Callable[[], datetime] = timezone.now,
    take_heard: TakeHeard = pass_over,
) -> list[FaultyLine]:
    """Let so many writers work until nothing is due; return all connections that were made."""
    sockets = {bound(one): device for one, device in devices.items()}
    plan = Plan(once=True, verify_after=verify_after, patience=PATIENCE)
    return asyncio.run(_meet(sockets, fault, [Writer(plan, now, take_heard) for _ in range(writers)]))


def bound(one: Concentrator) -> socket.socket:
    """A socket at the address of ``one``, on a port that its management port is from now on.

    Made before there is an event loop: in one, Django would open a connection to the database that nobody closes.
    """
    server = socket.socket()
    server.bind((one.management_ip, 0))
    Concentrator.objects.filter(pk=one.pk).update(management_port=server.getsockname()[1])
    return server


async def _meet(
    devices: Mapping[socket.socket, Device],
    fault: Fault,
    writers: Sequence[Writer],
) -> list[FaultyLine]:
    lines: list[FaultyLine] = []

    def line_of(device: Device) -> Callable[[], FaultyLine]:
        def line() -> FaultyLine:
            lines.append(FaultyLine(device, fault))
            return lines[-1]

        return line

    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(line_of(device), sock=sock) for sock, device in devices.items()]
    await asyncio.gather(*(writer.run(asyncio.Event()) for writer in writers))
    for server in servers:
        server.close()
    return lines


def heard(one: Concentrator, at: Any, source_ip: str | None = None) -> None:
    """Let the listener have counted a wake-up of ``one`` at that time."""
    counted = {"last_wakeup_at": at, "wakeup_count": 1, "source_ip": source_ip}
    WakeupTotal.objects.update_or_create(concentrator=one, defaults=counted)


def configuration_of(one: Concentrator) -> Configuration:
    return Configuration.objects.get(concentrator=one)


def values_of(one: Concentrator) -> dict[str, tuple[str, str, str]]:
    """Desired, written, read back, by parameter."""
    found = ConfigurationValue.objects.filter(configuration=one.pk)
    return {value.parameter: (value.desired, value.written, value.read_back) for value in found}
