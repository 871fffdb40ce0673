"""The command ``manage.py writeconfigurations``."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from concentrators.configuration.jobs import HOLD
from concentrators.keys.passwords import set_password
from concentrators.models import Concentrator, Configuration
from concentrators.simulator.devices import Device
from tests import ROOT
from tests.concentrators.configuration.devices import (
    FaultyLine,
    bound,
    configuration_of,
    device_of,
    installed,
    meet,
    obey,
    values_of,
)
from tests.support.listener import database_url

LONG_S = 60.0


@pytest.fixture(autouse=True)
def networks(settings: Any) -> None:
    settings.WRITER_NETWORKS = ["127.0.0.0/8"]


@pytest.mark.django_db(transaction=True)
def test_once_ends_when_nothing_is_due_and_says_what_it_did() -> None:
    (one,) = installed()
    Concentrator.objects.update(management_ip="127.77.9.9", management_port=1)
    out = StringIO()
    call_command("writeconfigurations", "--once", "--verify", stdout=out)
    assert out.getvalue() == "written 0, checked 0, failed 1\n"
    assert configuration_of(one).failure == "unreachable"


@pytest.mark.django_db(transaction=True)
def test_without_networks_it_says_that_nothing_is_written(settings: Any) -> None:
    settings.WRITER_NETWORKS = []
    errors = StringIO()
    call_command("writeconfigurations", "--once", stdout=StringIO(), stderr=errors)
    assert errors.getvalue().startswith("WRITER_NETWORKS is empty: nothing is written.")


@pytest.mark.one_database
@pytest.mark.parametrize("arguments", [["--at-once", "0"], ["--verify", "-1"]])
def test_wrong_options_are_refused(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="wants a number"):
        call_command("writeconfigurations", *arguments)


@pytest.mark.one_database
def test_to_rotate_without_keys_is_refused(db: None, settings: Any) -> None:
    settings.CONFIGURATION_KEYS = []
    with pytest.raises(CommandError, match="CONFIGURATION_KEYS"):
        call_command("writeconfigurations", "--rotate-keys")


@pytest.mark.one_database
def test_rotating_says_how_many(db: None, settings: Any) -> None:
    from cryptography.fernet import Fernet

    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
    set_password(installed()[0], "secret")
    out = StringIO()
    call_command("writeconfigurations", "--rotate-keys", stdout=out)
    assert out.getvalue() == "passwords encrypted with the first key: 1\n"


async def _killed_after(requests: int, device: Device, sock: socket.socket) -> None:
    """Start a writer, and ``kill -9`` it when the device has had so many requests and answered all but the last."""
    reached = asyncio.Event()

    def fall_silent(line: FaultyLine, data: bytes) -> None:
        if line.requests < requests:
            obey(line, data)
        else:
            reached.set()

    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: FaultyLine(device, fall_silent), sock=sock)
    environment = os.environ | {"DATABASE_URL": database_url(), "WRITER_NETWORKS": "127.0.0.0/8"}
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "manage.py", "writeconfigurations", cwd=ROOT, env=environment
    )
    try:
        await asyncio.wait_for(reached.wait(), LONG_S)
    finally:
        writer.send_signal(signal.SIGKILL)
        await writer.wait()
        server.close()


@pytest.mark.ci_only
@pytest.mark.process
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("requests", [2, 3, 7])
def test_what_a_killed_writer_held_is_due_again_and_then_written(requests: int) -> None:
    (one,) = installed()
    asyncio.run(_killed_after(requests, device_of(one), bound(one)))
    held = configuration_of(one)
    assert held.state == "writing"
    assert held.held_by
    now = timezone.now()
    assert meet({one: device_of(one)}, now=lambda: now) == []
    assert len(meet({one: device_of(one)}, now=lambda: now + HOLD + timedelta(minutes=1))) == 1
    assert configuration_of(one).state == "written"
    assert values_of(one)["period"] == ("10", "10", "10")
    assert Configuration.objects.exclude(held_by="").count() == 0
