"""SIM-1 and SIM-2 over real sockets: what a listener sees of a fleet is what the fleet counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from concentrators.simulator.clock import Clock
from concentrators.simulator.fleet import Figures, Fleet
from concentrators.simulator.inventory import Installation, made_up
from concentrators.simulator.messages import Service
from smmeplus.dlms.kinds import Kind
from tests.concentrators.simulator.test_sending import LONG, SHORT, FakeListener, closed_port, serving


async def lived_over_sockets(
    fleet_of: list[Installation],
    enough: Callable[[FakeListener], bool],
    *,
    script: Iterable[str] = (),
    timeout: float = LONG,
) -> tuple[FakeListener, Figures]:
    """A fleet at 10,000 times the speed against a real port, until the listener has got ``enough``."""
    listener = FakeListener(script)
    async with serving(listener) as port:
        service = Service("127.0.0.1", port, own_sources=True, timeout=timeout)
        fleet = Fleet(Clock(10_000.0), service.deliver)
        fleet.follow(fleet_of)
        life = asyncio.create_task(fleet.run())
        await listener.until(enough)
        life.cancel()
        await asyncio.wait([life])
    return listener, fleet.figures


def test_whatever_is_no_answer_is_retried_until_there_is_one() -> None:
    script = ["reset", "close", "silence", "mistake", "answer", "answer"]
    scene = lived_over_sockets(
        made_up(1, 10), lambda listener: len(listener.received) >= 6, script=script, timeout=SHORT
    )
    listener, figures = asyncio.run(scene)
    assert [received.kind for received in listener.received][:6] == [Kind.BOOT] * 5 + [Kind.KEEPALIVE]
    sent = len(listener.received)
    assert figures == Figures(sent=sent, answered=sent - 4, failed=4, retries=4)


def test_the_listener_sees_each_concentrator_under_its_own_address() -> None:
    fleet_of = made_up(200, 10)
    listener, figures = asyncio.run(lived_over_sockets(fleet_of, lambda listener: len(listener.sources) == 200))
    assert listener.sources == {installation.source for installation in fleet_of}
    assert figures == Figures(sent=len(listener.received), answered=len(listener.received))


def test_a_fleet_gets_through_once_the_port_is_opened() -> None:
    async def scene() -> tuple[FakeListener, Figures]:
        listener = FakeListener()
        with closed_port() as (holder, port):
            fleet = Fleet(Clock(10_000.0), Service("127.0.0.1", port, own_sources=True).deliver)
            fleet.follow(made_up(1, 10))
            life = asyncio.create_task(fleet.run())
            while fleet.figures.failed < 2:
                await asyncio.sleep(0)
            async with serving(listener, holder):
                await listener.until(lambda listener: len(listener.received) >= 2)
                life.cancel()
                await asyncio.wait([life])
        return listener, fleet.figures

    listener, figures = asyncio.run(scene())
    assert [received.kind for received in listener.received][:2] == [Kind.BOOT, Kind.KEEPALIVE]
    assert figures.failed == figures.retries >= 2
    assert figures.sent == figures.failed + len(listener.received)
