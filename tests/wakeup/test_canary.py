"""A canary sends once a minute the whole way (STA-4)."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from concentrators.models import Concentrator
from tests.support.listener import running_listener
from tests.support.processes import free_port
from wakeup.management.commands import canary
from wakeup.models import Message
from wakeup.probe import Probe

pytestmark = [pytest.mark.time, pytest.mark.one_database]


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
def test_one_message_the_whole_way(in_field: Concentrator, capsys: pytest.CaptureFixture[str]) -> None:
    with running_listener() as listener:
        call_command("canary", in_field.serial_number.lower(), once=True, port=listener.port)
    assert "confirmed, invoke id" in capsys.readouterr().out
    assert Message.objects.count() == 1


def test_what_was_not_stored_is_said_and_the_exit_code_tells() -> None:
    port = free_port()
    with pytest.raises(CommandError, match=f"127.0.0.1:{port}: "):
        call_command("canary", "CANARY1", once=True, port=port)


@pytest.mark.parametrize("seconds", ["0", "121", "often", "nan"])
def test_it_sends_often_enough_to_be_a_canary(seconds: str) -> None:
    with pytest.raises(CommandError, match="not a number of seconds from 1 to 120"):
        call_command("canary", "CANARY1", f"--every={seconds}")


def test_a_serial_number_that_none_can_have_is_refused() -> None:
    with pytest.raises(CommandError, match="Cannot send this"):
        call_command("canary", "A1-", once=True)


def test_it_goes_on_whatever_happens_and_says_only_what_is_new(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    outcomes: Iterator[str | Exception] = iter(
        [TimeoutError(), TimeoutError(), "confirmed (10)", "confirmed (10)", OSError("cut")]
    )

    async def answer(*_: Any) -> str:
        try:
            outcome = next(outcomes)
        except StopIteration:
            os.kill(os.getpid(), signal.SIGTERM)
            return "confirmed (10)"
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(canary, "send", answer)
    caplog.set_level("INFO")
    passes = canary.passes_of_canary()
    asyncio.run(canary._go_on("CANARY1", Probe("127.0.0.1", 1, 10.0), 0.001, passes))
    said = [record.getMessage() for record in caplog.records if record.name == canary.__name__]
    assert said == [
        "CANARY1: no answer from 127.0.0.1:1 within 10 s",
        "CANARY1: 127.0.0.1:1: confirmed (10)",
        "CANARY1: 127.0.0.1:1: cut",
        "CANARY1: 127.0.0.1:1: confirmed (10)",
    ]
    page = passes.endpoint().answer(b"GET /metrics HTTP/1.1\r\n\r\n").decode()
    assert 'smmeplus_canary_passes_total{outcome="failed"} 3.0' in page
    assert re.search(r'smmeplus_canary_passes_total{outcome="done"} [34]\.0', page)  # it may begin one before it stops
