"""Another implementation of DLMS, in a process of its own and over real sockets, on either side (SIM-2, CFG-2)."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

import pytest

from concentrators.configuration.procedure import Found, OtherDeviceError, Target, read_all, write_all
from concentrators.configuration.transport import Patience, converse
from concentrators.configuration.values import desired_values, identities
from concentrators.models import ConcentratorType, Parameter
from concentrators.simulator.behaviour import Profile
from concentrators.simulator.ciphering.pushes import Ciphering
from concentrators.simulator.devices import Device
from concentrators.simulator.serving import Line
from profiles.models import SpontaneousProfile, SystemSettings
from smmeplus.dlms.access.conversation import Conversation, Steps
from smmeplus.dlms.ciphering import keys as ciphering
from tests import ROOT
from tests.support.gurux.client import Keys
from tests.support.gurux.values import Values

pytestmark = [pytest.mark.process, pytest.mark.ci_only]

CERCO1 = ConcentratorType(name="CERCO1")
SERIAL = "EPL1000400000042"
PASSWORD = "S3cr3t-9"
PATIENCE = Patience(connect_s=10, reply_s=10, total_s=30)
FACTORY = Values()
WANTED = Values("10.132.20.228:58692", 30, 4, 90, "10.132.20.229:58692", 100)


async def asked_by_gurux(device: Device, password: str, wanted: Values, keys: Keys | None = None) -> Any:
    """What the other client has found out, or the last line of what went wrong there."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Line(device, lambda *_: None), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    arguments = ["127.0.0.1", str(port), password, json.dumps(asdict(wanted))]
    if keys:
        arguments.append(json.dumps([*(one.hex() for one in keys[:3]), keys.counter]))
    command = (sys.executable, "-m", "tests.support.gurux.client", *arguments)
    pipe = asyncio.subprocess.PIPE
    client = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=pipe, stderr=pipe)
    out, errors = await asyncio.wait_for(client.communicate(), 60)
    server.close()
    return json.loads(out) if client.returncode == 0 else errors.decode().strip().splitlines()[-1]


@pytest.mark.parametrize("password", [None, PASSWORD])
def test_it_reads_and_writes_our_simulated_concentrator(password: str | None) -> None:
    device = Device(SERIAL, CERCO1, {}, password.encode() if password else None)
    serial, before, after = asyncio.run(asked_by_gurux(device, password or "", WANTED))
    assert (serial, before, after) == (SERIAL, asdict(FACTORY), asdict(WANTED))
    assert device.profile == Profile(6_000.0, last_gasp=True, retries=4, retry_interval=90.0, random_start=30.0)


@pytest.mark.parametrize("password", ["", "wrong"])
def test_our_simulated_concentrator_refuses_it_without_the_password(password: str) -> None:
    device = Device(SERIAL, CERCO1, {}, PASSWORD.encode())
    said = asyncio.run(asked_by_gurux(device, password, WANTED))
    assert "rejected" in said or "uthentication" in said
    assert device.profile == Profile(None)


def ciphered(unicast: bytes) -> Any:
    """What it has found out of a concentrator that is for its keys alone."""
    ours = ciphering.Keys(b"unicast key 0001", b"authentication k")
    device = Device(SERIAL, CERCO1, {}, ciphering=Ciphering(ours, b"EPL00042", ciphered_only=True))
    keys = Keys(b"GURUX001", unicast, ours.authentication, 17)
    return asyncio.run(asked_by_gurux(device, "", WANTED, keys)), device.profile


def test_it_reads_and_writes_our_simulated_concentrator_by_gmac_and_ciphered() -> None:
    (serial, before, after), profile = ciphered(b"unicast key 0001")
    assert (serial, before, after) == (SERIAL, asdict(FACTORY), asdict(WANTED))
    assert profile == Profile(6_000.0, last_gasp=True, retries=4, retry_interval=90.0, random_start=30.0)


def test_our_simulated_concentrator_refuses_its_other_keys() -> None:
    said, profile = ciphered(b"unicast key 0002")
    assert "rejected" in said or "uthentication" in said
    assert profile == Profile(None)


@contextmanager
def concentrator_of_gurux(password: str) -> Iterator[int]:
    """The port of a concentrator that is made of the other library's server."""
    command = [sys.executable, "-m", "tests.support.gurux.server", SERIAL, password]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as server:
        assert server.stdout
        try:
            yield json.loads(server.stdout.readline())
        finally:
            server.kill()


def talk(port: int, steps: Steps[None]) -> None:
    asyncio.run(converse("127.0.0.1", port, Conversation(steps), PATIENCE))


def target(password: str) -> Target:
    profile = SpontaneousProfile(
        wakeup_ip="10.132.20.228", wakeup_period=100, last_gasp_enabled=True, last_gasp_ip="10.132.20.229"
    )
    settings = SystemSettings(retry_count=4, retry_interval_s=90)
    values = desired_values(profile, CERCO1, settings)
    return Target(SERIAL, identities(CERCO1), values, password.encode() or None)


@pytest.mark.parametrize("password", ["", PASSWORD])
def test_our_writer_reads_and_writes_its_server(password: str) -> None:
    wanted = {desired.parameter: desired.text for desired in target(password).values}
    with concentrator_of_gurux(password) as port:
        written, read = Found(), Found()
        talk(port, write_all(target(password), written))
        talk(port, read_all(target(password), read))
        with pytest.raises(OtherDeviceError, match=SERIAL):
            talk(port, write_all(replace(target(password), serial="ANOTHER"), Found()))
    assert written.before[Parameter.PERIOD] == "0"
    assert written.read_back == read.read_back == wanted
    assert read.drifted == []
