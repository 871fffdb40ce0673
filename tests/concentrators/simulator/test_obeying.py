"""A concentrator does what was written into it, and nothing else (SIM-1, SIM-2)."""

from __future__ import annotations

import asyncio

import pytest

from concentrators.simulator.behaviour import PAUSE, Behaviour, Profile
from concentrators.simulator.clock import Clock
from concentrators.simulator.fleet import Figures, Fleet
from concentrators.simulator.inventory import Installation
from concentrators.simulator.messages import Service
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import event_notification
from tests.concentrators.simulator.test_sending import FakeListener, serving


def failing(profile: Profile, attempts: int) -> list[float]:
    """When so many attempts begin, none of which gets through."""
    behaviour, begun = Behaviour(profile, 0.0), []
    for _ in range(attempts):
        assert behaviour.due is not None
        begun.append(behaviour.due)
        behaviour.begin(behaviour.due)
        behaviour.failed(begun[-1])
    return begun


@pytest.mark.parametrize(
    ("retries", "delay", "begun"),
    [
        (3, 60.0, [0.0, 60.0, 120.0, 180.0, 180.0 + PAUSE, 240.0 + PAUSE, 300.0 + PAUSE, 300.0 + 2 * PAUSE]),
        (1, 10.0, [0.0, 10.0, 10.0 + PAUSE, 10.0 + 2 * PAUSE]),
        (0, 60.0, [0.0, PAUSE, 2 * PAUSE]),
        (2, 0.0, [0.0, 0.0, 0.0, PAUSE]),
    ],
)
def test_the_retry_task_is_the_one_that_was_written(retries: int, delay: float, begun: list[float]) -> None:
    profile = Profile(600.0, retries=retries, retry_interval=delay)
    assert failing(profile, len(begun)) == begun


def test_a_long_delay_between_retries_does_not_put_off_what_gets_through() -> None:
    behaviour = Behaviour(Profile(600.0, retry_interval=3_600.0), 0.0)
    behaviour.begin(0.0)
    behaviour.succeeded(1.0)
    assert behaviour.due == 600.0


@pytest.mark.parametrize(("chance", "due"), [(0.0, 5.0), (0.5, 50.0), (1.0, 95.0)])
def test_the_first_wakeup_waits_for_its_part_of_the_random_start(chance: float, due: float) -> None:
    assert Behaviour(Profile(600.0, random_start=90.0), 5.0, chance).due == due


def test_wakeups_go_where_the_concentrator_was_told() -> None:
    async def scene() -> tuple[int, int]:
        told, other = FakeListener(), FakeListener()
        async with serving(told) as port, serving(other) as other_port:
            service = Service("127.0.0.1", other_port)
            installation = Installation("A1", Profile(600.0, destination=("127.0.0.1", port)), "127.0.0.1")
            assert await service.deliver(installation, Kind.BOOT, 1)
        return len(told.received), len(other.received)

    assert asyncio.run(scene()) == (1, 0)


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.first: asyncio.Future[tuple[bytes, str]] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self.first.set_result((data, address[0]))


@pytest.mark.parametrize("is_told", [True, False])
def test_a_last_gasp_is_a_datagram_to_its_own_destination_or_to_the_listener(is_told: bool) -> None:
    async def scene() -> tuple[bytes, str]:
        received, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
            Datagrams, local_addr=("127.0.0.1", 0)
        )
        address = received.get_extra_info("sockname")
        service = Service("127.0.0.1", 1 if is_told else address[1], own_sources=True)
        profile = Profile(600.0, last_gasp=True, last_gasp_to=address if is_told else None)
        assert await service.deliver(Installation("A1", profile, "127.60.0.9"), Kind.LASTGASP, 1)
        async with asyncio.timeout(10):
            data, source = await protocol.first
        received.close()
        return data, source

    data, source = asyncio.run(scene())
    frame = event_notification("A1", Kind.LASTGASP)
    assert data[-12:] == frame[-12:]
    assert source == "127.60.0.9"


def test_an_attempt_that_the_supply_has_cut_off_counts_for_nothing_behind_the_boot() -> None:
    async def scene() -> tuple[list[Kind], Figures]:
        sent: list[Kind] = []
        answers: list[asyncio.Future[bool]] = []

        async def deliver(_installation: Installation, kind: Kind, _number: int) -> bool:
            sent.append(kind)
            answers.append(asyncio.get_running_loop().create_future())
            return await answers[-1]

        async def until(count: int) -> None:
            while len(sent) < count:
                await asyncio.sleep(0)

        fleet = Fleet(Clock(), deliver)
        fleet.follow([Installation("A1", Profile(600.0, last_gasp=True), "127.0.0.1")])
        run = asyncio.create_task(fleet.run())
        await until(1)
        fleet.cut_off("A1")
        await until(2)
        fleet.switch_on("A1")
        await until(3)
        answers[0].set_result(False)  # that of the first boot, too late
        answers[1].set_result(True)
        while fleet.figures.answered + fleet.figures.failed < 2:
            await asyncio.sleep(0)
        answers[2].set_result(True)
        while fleet.figures.answered < 2:
            await asyncio.sleep(0)
        fleet.cut_off("STRANGER")
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
        return sent, fleet.figures

    sent, figures = asyncio.run(scene())
    assert sent == [Kind.BOOT, Kind.LASTGASP, Kind.BOOT]
    assert figures == Figures(sent=3, answered=2, failed=1, retries=0)
