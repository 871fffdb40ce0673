"""A simulation from its first boot to the closing table."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections

from concentrators.simulator import sending
from concentrators.simulator.behaviour import Profile
from concentrators.simulator.fleet import Figures, Fleet
from concentrators.simulator.inventory import Installation, made_up
from concentrators.simulator.messages import Service
from concentrators.simulator.simulation import Plan, closing_table, progress, simulate
from smmeplus.dlms.kinds import Kind
from tests.concentrators.simulator.test_sending import LONG, SHORT, FakeListener, closed_port, serving

THREE = made_up(3, 10)
SOON = 0.01

Enough = Callable[[FakeListener], bool]


def plan(port: int, read: Callable[[], list[Installation]] = lambda: THREE, **more: Any) -> Plan:
    service = Service("127.0.0.1", port, own_sources=True)
    return Plan(service, read, **{"spread": SOON, "patience": LONG, "follow_interval": SOON, **more})


async def simulated(
    enough: Enough, read: Callable[[], list[Installation]] = lambda: THREE, **more: Any
) -> tuple[FakeListener, Fleet, list[str]]:
    """A simulation that is told to end when its listener has got ``enough``; and what it said."""
    listener = FakeListener()
    said: list[str] = []
    async with serving(listener) as port:
        simulation = asyncio.create_task(simulate(plan(port, read, **more), said.append))
        await listener.until(enough)
        os.kill(os.getpid(), signal.SIGTERM)
        return listener, await simulation, said


def received(count: int) -> Enough:
    return lambda listener: len(listener.received) >= count


@pytest.fixture
def found_closed(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set once the simulation has asked for its listener."""
    event = asyncio.Event()
    accepts = sending._accepts

    async def noted(*where: Any) -> bool:
        accepted = await accepts(*where)
        event.set()
        return accepted

    monkeypatch.setattr(sending, "_accepts", noted)
    return event


@pytest.fixture
def tried_in_vain(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set once a message did not get through."""
    event = asyncio.Event()
    deliver = Service.deliver

    async def noted(self: Service, *message: Any) -> bool:
        delivered = await deliver(self, *message)
        if not delivered:
            event.set()
        return delivered

    monkeypatch.setattr(Service, "deliver", noted)
    return event


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_the_figures_that_the_listener_saw(number: signal.Signals) -> None:
    async def scene() -> tuple[FakeListener, Fleet]:
        listener = FakeListener()
        async with serving(listener) as port:
            simulation = asyncio.create_task(simulate(plan(port), print))
            await listener.until(received(3))
            os.kill(os.getpid(), number)
            return listener, await simulation

    listener, fleet = asyncio.run(scene())
    assert fleet.figures == Figures(sent=3, answered=3)
    assert listener.serials == {installation.serial for installation in THREE}


def test_it_ends_by_itself_when_its_time_is_over_even_if_it_still_waits_for_the_listener() -> None:
    with closed_port() as (_, port):
        fleet = asyncio.run(asyncio.wait_for(simulate(plan(port, duration=SHORT), print), LONG))
    assert fleet.figures == Figures()


def test_with_speed_a_period_passes_sooner() -> None:
    listener, fleet, _ = asyncio.run(simulated(received(9), speed=10_000.0))
    assert [message.kind for message in listener.received[:3]] == [Kind.BOOT] * 3
    assert {message.kind for message in listener.received[-3:]} == {Kind.KEEPALIVE}
    assert fleet.figures == Figures(sent=len(listener.received), answered=len(listener.received))


def test_the_boots_are_spread_over_real_time_whatever_the_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    spreads: list[float] = []
    follow = Fleet.follow

    def noted(fleet: Fleet, installations: list[Installation], spread: float = 0.0) -> None:
        spreads.append(spread)
        follow(fleet, installations, spread)

    monkeypatch.setattr(Fleet, "follow", noted)
    asyncio.run(simulated(received(3), speed=50.0, spread=0.02))
    assert spreads[0] == 1.0
    assert not any(spreads[1:])


def test_the_listener_is_asked_for_from_an_address_that_cannot_be_its_own() -> None:
    listener, _, _ = asyncio.run(simulated(received(3)))
    assert len(listener.callers) > len(listener.received)
    assert "127.0.0.1" not in listener.callers


def test_a_simulation_that_is_cancelled_takes_its_fleet_with_it() -> None:
    async def scene() -> set[asyncio.Task[Any]]:
        async with serving(listener := FakeListener()) as port:
            simulation = asyncio.create_task(simulate(plan(port), print))
            await listener.until(received(3))
            simulation.cancel()
            own = {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}
            return (await asyncio.wait(own, timeout=LONG))[1]

    assert asyncio.run(scene()) == set()


@pytest.mark.django_db(transaction=True)
def test_reading_the_inventory_leaves_no_connection_to_the_database_open() -> None:
    used: list[Any] = []

    def read() -> list[Installation]:
        connection.ensure_connection()
        used.append(connections[connection.alias])
        return THREE

    asyncio.run(simulated(received(3), read))
    assert used
    assert all(each.connection is None for each in used)


def test_what_is_installed_and_removed_meanwhile_takes_effect() -> None:
    rosters = iter([THREE[:1], THREE[:1], THREE[:2]])
    listener, fleet, _ = asyncio.run(simulated(received(3), lambda: next(rosters, THREE[1:])))
    assert listener.serials == {installation.serial for installation in THREE}
    assert [message.kind for message in listener.received] == [Kind.BOOT] * 3
    assert len(fleet) == 2


def test_a_profile_changed_meanwhile_takes_effect() -> None:
    quickly = [Installation(THREE[0].serial, Profile(period=60.0), THREE[0].source)]
    rosters = iter([[Installation(THREE[0].serial, Profile(period=10.0**9), THREE[0].source)]])
    listener, _, _ = asyncio.run(simulated(received(3), lambda: next(rosters, quickly), speed=10_000.0))
    assert [message.kind for message in listener.received][:3] == [Kind.BOOT, Kind.KEEPALIVE, Kind.KEEPALIVE]


def test_while_the_inventory_cannot_be_read_the_fleet_stays_as_it_is_and_it_is_said() -> None:
    def read() -> list[Installation]:
        match next(readings):
            case 1:
                return THREE[:1]
            case 2:
                raise DatabaseError("the server is away")
            case _:
                return THREE

    readings = iter(range(1, 10**9))
    listener, _, said = asyncio.run(simulated(received(3), read))
    assert len(listener.serials) == 3
    assert said == ["The inventory cannot be read, the fleet stays as it is: the server is away"]


def test_an_inventory_that_cannot_be_read_at_the_start_ends_it() -> None:
    def read() -> list[Installation]:
        raise DatabaseError("the server is away")

    with closed_port() as (_, port), pytest.raises(DatabaseError, match="the server is away"):
        asyncio.run(simulate(plan(port, read), print))


def test_boots_are_not_lost_on_a_listener_that_starts_a_moment_later(found_closed: asyncio.Event) -> None:
    async def scene() -> tuple[Fleet, list[str]]:
        listener = FakeListener()
        said: list[str] = []
        with closed_port() as (holder, port):
            simulation = asyncio.create_task(simulate(plan(port), said.append))
            await asyncio.wait_for(found_closed.wait(), LONG)
            async with serving(listener, holder):
                await listener.until(received(3))
                os.kill(os.getpid(), signal.SIGTERM)
                return await simulation, said

    fleet, said = asyncio.run(scene())
    assert fleet.figures == Figures(sent=3, answered=3)
    assert said == []


def test_a_listener_that_does_not_start_is_given_up_waiting_for_and_the_concentrators_keep_trying(
    tried_in_vain: asyncio.Event,
) -> None:
    async def scene() -> tuple[int, Fleet, list[str]]:
        said: list[str] = []
        with closed_port() as (_, port):
            simulation = asyncio.create_task(simulate(plan(port, patience=SOON), said.append))
            await asyncio.wait_for(tried_in_vain.wait(), LONG)
            os.kill(os.getpid(), signal.SIGTERM)
            return port, await simulation, said

    port, fleet, said = asyncio.run(scene())
    assert said == [f"Nothing listens on 127.0.0.1 port {port} yet. The concentrators keep trying."]
    assert fleet.figures.failed == fleet.figures.sent > 0


def test_a_signal_ends_it_while_it_still_waits_for_the_listener(found_closed: asyncio.Event) -> None:
    async def scene() -> Fleet:
        with closed_port() as (_, port):
            simulation = asyncio.create_task(simulate(plan(port), print))
            await asyncio.wait_for(found_closed.wait(), LONG)
            os.kill(os.getpid(), signal.SIGTERM)
            return await simulation

    assert asyncio.run(scene()).figures == Figures()


def test_the_closing_table_has_each_figure_under_its_name() -> None:
    _, fleet, _ = asyncio.run(simulated(received(3)))
    assert closing_table(fleet).splitlines() == [
        "Concentrators  Sent  Answered  Failed  Retries",
        "            3     3         3       0        0",
    ]


def test_the_progress_line_has_the_same_figures() -> None:
    _, fleet, _ = asyncio.run(simulated(received(3)))
    assert progress(fleet) == "concentrators 3, sent 3, answered 3, failed 0, retries 0"
