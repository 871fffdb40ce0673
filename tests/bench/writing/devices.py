"""Simulated concentrators to write to, all in a process of their own, each on a loopback address of its own."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.measuring import set_up
from tests.support.processes import free_port

if TYPE_CHECKING:
    from concentrators.simulator.ciphering.pushes import Ciphering


AT_REST = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="  # what encrypts them in the database
KEYS = bytes(range(16)), bytes(range(16, 32))  # unicast, authentication


class Site(NamedTuple):
    """Where a concentrator is; its system title, if it has keys, which are the same for all."""

    serial: str
    host: str
    port: int
    title: bytes = b""


def sites(count: int) -> list[Site]:
    """So many, from 127.64.0.1 on."""
    port = free_port()
    return [Site(f"WRITE{n:09}", f"127.{64 + (n >> 16)}.{n >> 8 & 255}.{n & 255}", port) for n in range(1, count + 1)]


def with_keys(of: Sequence[Site]) -> list[Site]:
    """The same concentrators with keys."""
    return [site._replace(title=b"EPL" + place.to_bytes(5, "big")) for place, site in enumerate(of)]


@contextmanager
def running(of: Sequence[Site]) -> Iterator[int]:
    """They are as from the factory, and run inside the block; the id of their process."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(list(of), theirs))
    process.start()
    try:
        said = ours.recv()
        if said:
            raise OSError(said)
        yield process.pid or 0
    finally:
        process.terminate()
        process.join()


def _serve(of: list[Site], ready: Connection) -> None:
    set_up("sqlite://:memory:")
    from tests.bench.servers import run

    run(_devices(of, ready))


def _ciphering(site: Site) -> Ciphering | None:
    from concentrators.simulator.ciphering.pushes import Ciphering
    from smmeplus.dlms.ciphering.keys import Keys

    return Ciphering(Keys(*KEYS), site.title, ciphered_only=True) if site.title else None


async def _devices(of: list[Site], ready: Connection) -> None:
    from concentrators.models import ConcentratorType
    from concentrators.simulator.devices import Device, Place
    from concentrators.simulator.inventory import Installation
    from concentrators.simulator.serving import Devices

    of_type, said = ConcentratorType(name="CERCO1"), list[str]()
    devices = Devices(lambda _serial, _profile: None, said.append)
    made = [(site, Device(site.serial, of_type, {}, ciphering=_ciphering(site))) for site in of]
    await devices.settle(
        Place(Installation(site.serial, device.profile, site.host), site.port, device) for site, device in made
    )
    ready.send("; ".join(said[:3]))
    await asyncio.Event().wait()
