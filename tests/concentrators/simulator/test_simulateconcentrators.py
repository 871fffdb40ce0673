"""The command ``manage.py simulateconcentrators``."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from concentrators.management.commands import simulateconcentrators
from concentrators.models import Company, Concentrator, ConcentratorType, State
from profiles.models import SpontaneousProfile
from tests import ROOT
from tests.concentrators.simulator.test_sending import LONG, FakeListener, serving

pytestmark = pytest.mark.one_database

MANAGE = ROOT / "manage.py"


@contextlib.contextmanager
def listening(enough: int) -> Iterator[tuple[FakeListener, int]]:
    """A listener in a thread of its own that sends SIGTERM to this process once it has got ``enough`` messages."""
    ready: list[tuple[FakeListener, int, asyncio.AbstractEventLoop, asyncio.Event]] = []
    started = threading.Event()

    async def serve() -> None:
        listener, over = FakeListener(), asyncio.Event()
        async with serving(listener) as port:
            ready.append((listener, port, asyncio.get_running_loop(), over))
            started.set()
            await listener.until(lambda listener: len(listener.received) >= enough)
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(over.wait(), LONG)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    started.wait(LONG)
    listener, port, loop, over = ready[0]
    try:
        yield listener, port
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()


def simulated(*arguments: str, enough: int) -> tuple[FakeListener, list[str]]:
    """What a listener got from the command until it had ``enough``, and what the command printed."""
    out = StringIO()
    with listening(enough) as (listener, port):
        call_command("simulateconcentrators", *arguments, "--port", str(port), "--spread", "0.01", stdout=out)
    return listener, out.getvalue().splitlines()


@pytest.fixture
def chile(transactional_db: None) -> Company:
    """A company with one concentrator in field."""
    company = Company.objects.create(name="Chile", time_zone="America/Santiago")
    Concentrator.objects.create(
        serial_number="SIM0000000007",
        company=company,
        type=ConcentratorType.objects.get_or_create(name="CERCO1")[0],
        management_ip="10.60.0.10",
        state=State.IN_FIELD,
        profile=SpontaneousProfile.objects.create(name="10 min", wakeup_ip="10.132.20.228", wakeup_period=10),
        installed_at=datetime(2026, 3, 14, tzinfo=UTC),
    )
    return company


def test_made_up_concentrators_send_until_the_command_is_told_to_end() -> None:
    listener, printed = simulated("--count", "3", enough=3)
    assert listener.serials == {"SIM0000000001", "SIM0000000002", "SIM0000000003"}
    assert listener.sources == {"127.128.0.1", "127.128.0.2", "127.128.0.3"}
    assert printed == [
        "Concentrators  Sent  Answered  Failed  Retries",
        "            3     3         3       0        0",
    ]


def test_a_company_s_concentrators_send_to_the_host_given_and_not_to_the_address_of_their_profile(
    chile: Company,
) -> None:
    listener, printed = simulated("--company", "Chile", enough=1)
    assert [(received.serial, received.source) for received in listener.received] == [("SIM0000000007", "127.60.0.10")]
    assert printed[-1].split() == ["1", "1", "1", "0", "0"]


def test_telegrams_tell_the_time_of_the_company(chile: Company) -> None:
    before = datetime.now(chile.zone)
    listener, _ = simulated("--company", "Chile", "--format", "telegram", enough=1)
    frame = listener.received[0].frame.decode("ascii")
    told = frame.partition("0-0:1.0.0(")[2][:12]
    assert f"{before:%y%m%d%H%M%S}" <= told <= f"{datetime.now(chile.zone):%y%m%d%H%M%S}"


def test_made_up_concentrators_have_the_period_given() -> None:
    listener, _ = simulated("--count", "1", "--period", "1", "--speed", "10000", enough=3)
    assert [received.kind.word for received in listener.received][:3] == ["boot", "keepalive", "keepalive"]


def said_without_a_listener(*arguments: str) -> str:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        out = StringIO()
        port = str(closed.getsockname()[1])
        call_command("simulateconcentrators", *arguments, "--for", "0.05", "--port", port, stdout=out)
    return out.getvalue()


def test_it_ends_after_the_time_given() -> None:
    assert said_without_a_listener("--count", "5").splitlines()[-1].split()[1:] == ["0", "0", "0", "0"]


@pytest.mark.parametrize(("rate", "speed", "is_said"), [(60, "60", False), (60, "61", True), (0, "61", False)])
def test_what_a_listener_would_not_store_is_said_before(settings: Any, rate: int, speed: str, is_said: bool) -> None:
    settings.LISTENER_RATE_PER_SERIAL = rate
    said = said_without_a_listener("--count", "5", "--period", "1", "--speed", speed)
    assert ("5 concentrators send more than 60 messages a minute (LISTENER_RATE_PER_SERIAL)" in said) is is_said


def test_where_there_is_but_one_loopback_address_all_send_from_it_and_it_is_said_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(simulateconcentrators, "can_send_from", lambda _: False)
    listener, printed = simulated("--count", "3", enough=3)
    assert listener.sources == {"127.0.0.1"}
    assert printed[:-2] == ["This system has a single loopback address: all concentrators send from that one."]


@pytest.mark.django_db
def test_an_unknown_company_is_refused_with_the_known_ones() -> None:
    Company.objects.create(name="Peru")
    Company.objects.create(name="Chile")
    with pytest.raises(CommandError, match=r"^There is no company “chili”. Known: Chile, Peru\.$"):
        call_command("simulateconcentrators", "--company", "chili")


@pytest.mark.django_db
def test_without_any_company_the_refusal_says_so() -> None:
    with pytest.raises(CommandError, match=r"Known: none yet\.$"):
        call_command("simulateconcentrators", "--company", "")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "one of the arguments --company --count is required"),
        (["--company", "Chile", "--count", "3"], "not allowed with argument --company"),
        (["--count", "0"], "0 is less than 1"),
        (["--count", "many"], "invalid whole_number value: 'many'"),
        (["--count", "3", "--period", "0"], "0 is less than 1"),
        (["--count", "3", "--speed", "0"], "0 is not greater than 0"),
        (["--count", "3", "--speed", "nan"], "nan is not greater than 0"),
        (["--count", "3", "--speed", "inf"], "inf is not finite"),
        (["--count", "3", "--for", "-1"], "-1 is not greater than 0"),
        (["--count", "3", "--spread", "-1"], "-1 is not greater than 0"),
        (["--count", "3", "--port", "0"], "0 is no port"),
        (["--count", "3", "--port", "65536"], "65536 is no port"),
        (["--count", "3", "--format", "udp"], "choose from '?push'?, '?telegram'?"),
        (["--count", "3", "--host", "a..b"], "“a..b” has no IPv4 address"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_sent(arguments: list[str], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        call_command("simulateconcentrators", *arguments)


@pytest.mark.django_db
def test_a_period_is_refused_where_the_profiles_have_one() -> None:
    Company.objects.create(name="Chile")
    with pytest.raises(CommandError, match="leave out --period"):
        call_command("simulateconcentrators", "--company", "Chile", "--period", "10")


@pytest.mark.process
@pytest.mark.parametrize("number", [pytest.param(signal.SIGINT, marks=pytest.mark.ci_only), signal.SIGTERM])
def test_the_real_command_ends_well_on_a_signal_even_while_answers_are_due(number: signal.Signals) -> None:
    async def scene() -> tuple[int, str]:
        listener = FakeListener(["answer", "answer", "silence"])
        async with serving(listener) as port:
            arguments = ["--count", "3", "--spread", "0.01", "--port", str(port)]
            process = await asyncio.create_subprocess_exec(
                sys.executable, MANAGE, "simulateconcentrators", *arguments, stdout=asyncio.subprocess.PIPE
            )
            await listener.until(lambda listener: len(listener.received) == 3)
            process.send_signal(number)
            out, _ = await asyncio.wait_for(process.communicate(), LONG)
            assert process.returncode is not None
            return process.returncode, out.decode()

    code, out = asyncio.run(scene())
    assert code == 0
    assert out.splitlines()[-1].split() == ["3", "3", "2", "1", "0"]
