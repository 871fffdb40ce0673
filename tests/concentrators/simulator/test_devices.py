"""Simulated concentrators that can be written (SIM-2)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.utils import timezone

from concentrators.keys.passwords import set_password
from concentrators.models import Company, Concentrator, ConcentratorType, Configuration, ConfigurationValue, Parameter
from concentrators.procedures.actions import install, remove
from concentrators.simulator.behaviour import Profile
from concentrators.simulator.clock import Clock
from concentrators.simulator.devices import Device, devices_of
from concentrators.simulator.fleet import Fleet
from concentrators.simulator.inventory import Installation
from concentrators.simulator.serving import Devices
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory

pytestmark = pytest.mark.one_database

WRITTEN: dict[str, str] = {
    Parameter.DESTINATION: "10.0.0.1:58692",
    Parameter.RETRIES: "3",
    Parameter.PERIOD: "10",
    Parameter.LAST_GASP: "UDP 10.0.0.2:58692",
}
HERE = ("127.0.0.1", 9)


@pytest.mark.parametrize(
    ("known", "profile"),
    [
        ({}, Profile(None)),
        (WRITTEN, Profile(600.0, last_gasp=True)),
        ({**WRITTEN, Parameter.PERIOD: "0", Parameter.LAST_GASP: ""}, Profile(None)),
        ({**WRITTEN, Parameter.DESTINATION: "", Parameter.LAST_GASP: ""}, Profile(None)),
        ({**WRITTEN, Parameter.PERIOD: "12AB"}, Profile(None, last_gasp=True)),
        (
            {**WRITTEN, Parameter.RETRIES: "0", Parameter.RETRY_DELAY: "7", Parameter.RANDOM_START: "90"},
            Profile(600.0, last_gasp=True, retries=0, retry_interval=7.0, random_start=90.0),
        ),
        ({**WRITTEN, Parameter.DESTINATION: "127.0.0.1:9"}, Profile(600.0, last_gasp=True, destination=HERE)),
        ({**WRITTEN, Parameter.LAST_GASP: "UDP 127.0.0.1:9"}, Profile(600.0, last_gasp=True, last_gasp_to=HERE)),
    ],
)
def test_it_does_what_stands_in_its_memory(known: dict[str, str], profile: Profile) -> None:
    assert Device("A1", ConcentratorType(name="CERCO1"), known).profile == profile


@pytest.mark.parametrize("text", ["127.0.0.1:99999", "127.0.0.1:0", "127.0.0.1", ":9", "::1:9", "here:9", "ü:1"])
def test_a_destination_that_is_none_goes_where_those_of_the_network_go(text: str) -> None:
    device = Device("A1", ConcentratorType(name="CERCO1"), {**WRITTEN, Parameter.DESTINATION: text})
    assert device.profile == Profile(600.0, last_gasp=True)


def test_a_delay_in_parts_is_obeyed_by_its_first() -> None:
    device = Device("A1", ConcentratorType(name="CERCO1"), WRITTEN)
    device.memory[device.places.retry_delay].value = (2, [(18, 5), (18, 100), (18, 5)])
    assert device.profile.retry_interval == 5.0


def test_a_device_asks_for_the_password_of_the_inventory(chile: Company, one: Concentrator, settings: Any) -> None:
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
    set_password(one, "secret-1")
    assert [place.device.password for place in devices_of(chile.pk)] == [b"secret-1"]
    settings.CONFIGURATION_KEYS = []
    (place,) = devices_of(chile.pk)
    assert place.device.password not in (None, b"secret-1", b"")


@pytest.fixture
def one(chile: Company) -> Concentrator:
    one = ConcentratorFactory.create(company=chile, management_ip="10.60.0.1")
    install(Concentrator.objects.all(), SpontaneousProfileFactory.create(), user=None, now=timezone.now())
    return one


def test_the_inventory_changes_nothing_in_a_device(chile: Company, one: Concentrator) -> None:
    (place,) = devices_of(chile.pk)
    assert (place.installation.source, place.port) == ("127.60.0.1", 4059)
    assert place.installation.profile == Profile(None)
    configuration = Configuration.objects.get()
    for parameter, text in WRITTEN.items():
        ConfigurationValue.objects.create(
            configuration=configuration, parameter=parameter, desired="", read_back=text, read_at=timezone.now()
        )
    remove(Concentrator.objects.all(), user=None, now=timezone.now() + timedelta(hours=1))
    (place,) = devices_of(chile.pk)
    assert place.installation.profile == Profile(600.0, last_gasp=True)


async def _sent_by_fleet_when_written() -> list[Kind]:
    sent: list[Kind] = []

    async def deliver(_installation: Installation, kind: Kind, _number: int) -> bool:
        sent.append(kind)
        return True

    fleet = Fleet(Clock(), deliver)
    fleet.follow([Installation("A1", Profile(None), "127.0.0.1")])
    fleet.rewrite("STRANGER", Profile(60.0))
    run = asyncio.create_task(fleet.run())
    await asyncio.sleep(0)
    assert not sent
    fleet.rewrite("A1", Profile(60.0))
    while not sent:
        await asyncio.sleep(0)
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    return sent


def test_what_is_written_is_obeyed_at_once() -> None:
    assert asyncio.run(_sent_by_fleet_when_written()) == [Kind.KEEPALIVE]


def test_a_place_that_is_taken_is_said_and_stops_no_other(chile: Company, one: Concentrator) -> None:
    Concentrator.objects.update(management_ip="127.77.1.1")
    said: list[str] = []

    async def settle() -> None:
        first, second = Devices(lambda _serial, _profile: None, said.append), Devices(lambda *_: None, said.append)
        assert len(await first.settle(places)) == 1
        assert len(await first.settle(places)) == 1
        assert not said
        assert len(await second.settle(places)) == 1
        first.close()

    places = devices_of(chile.pk)
    asyncio.run(settle())
    assert [line.split(": ")[1] for line in said] == ["127.77.1.1:4059 cannot be listened on"]


def test_made_up_ones_cannot_be_written(db: None) -> None:
    with pytest.raises(CommandError, match="add --company"):
        call_command("simulateconcentrators", "--count", "1", "--writable")


def test_writable_ones_need_the_loopback_network(chile: Company) -> None:
    with pytest.raises(CommandError, match=r"127\.0\.0\.0/8"):
        call_command("simulateconcentrators", "--company", "Chile", "--writable", "--host", "10.0.0.1")
