"""The on-call engineer's probe (LIS-8)."""

from __future__ import annotations

import socket

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from concentrators.models import Concentrator
from smmeplus.dlms.kinds import Kind
from tests.support.listener import running_listener
from tests.support.processes import free_port
from tests.wakeup.formats.whole import read_whole
from wakeup.models import Format, Message, StrayFrame
from wakeup.probe import FORMATS, describe

pytestmark = [pytest.mark.time, pytest.mark.one_database]


def can_say(kind: Kind, name: str) -> bool:
    return kind is Kind.KEEPALIVE or name not in ("login", "heartbeat", "event" if kind is Kind.BOOT else "")


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
def test_every_format_and_kind_reaches_the_listener(in_field: Concentrator, capsys: pytest.CaptureFixture[str]) -> None:
    sent = [(kind, name) for name in FORMATS for kind in Kind if can_say(kind, name)]
    with running_listener() as listener:
        for kind, name in sent:
            call_command("sendwakeup", in_field.serial_number.lower(), kind=kind.word, format=name, port=listener.port)
        call_command("sendwakeup", in_field.serial_number, udp=True, port=listener.port)
        call_command("sendwakeup", "NOSUCH1", port=listener.port)
        call_command("sendwakeup", in_field.serial_number, udp=True, format="event", port=listener.port)
        call_command("sendwakeup", in_field.serial_number, port=listener.port)
    said = capsys.readouterr().out
    assert "confirmed, invoke id" in said
    assert "acknowledged (06)" in said
    assert "stored: this format has no answer" in said
    assert "none is due" in said
    stored = [Kind(kind) for kind in Message.objects.order_by("pk").values_list("kind", flat=True)]
    assert stored[: len(sent)] == [kind for kind, _name in sent]
    assert StrayFrame.objects.get().sender == "NOSUCH1"


def test_without_a_port_it_sends_to_that_of_the_environment(settings: Settings) -> None:
    settings.LISTENER_PORT = free_port()
    with pytest.raises(CommandError, match=f"TCP 127.0.0.1:{settings.LISTENER_PORT}: .*Nothing says"):
        call_command("sendwakeup", "A1")


def test_every_format_that_the_listener_knows_can_be_sent() -> None:
    frames = [one.build("A1", Kind.KEEPALIVE, timezone.now()) for one in FORMATS.values()]
    assert {read_whole(frame).format for frame in frames} == {*Format} - {Format.IMPORT}


@pytest.mark.parametrize(("kind", "name"), [("boot", "event"), ("lastgasp", "login"), ("boot", "heartbeat")])
def test_what_a_format_cannot_say_is_refused(kind: str, name: str) -> None:
    with pytest.raises(CommandError, match=f"Cannot send this.*cannot say {kind}"):
        call_command("sendwakeup", "A1", kind=kind, format=name)


@pytest.mark.parametrize("serial", ["", "A" * 33, "A1-"])
def test_a_serial_number_that_none_can_have_is_refused(serial: str) -> None:
    with pytest.raises(CommandError, match="Cannot send this"):
        call_command("sendwakeup", serial)


def test_when_nobody_listens_it_says_so() -> None:
    with pytest.raises(CommandError, match="Nothing says that it was stored"):
        call_command("sendwakeup", "A1", port=free_port())


def test_when_nobody_answers_it_says_so_after_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(CommandError, match="No answer from TCP"):
        call_command("sendwakeup", "A1", port=silent.getsockname()[1], timeout=0.2)


def test_a_refusal_and_nonsense_are_told_apart() -> None:
    assert describe(b"\x15") == "refused (15)"
    assert describe(b"\xff\xff").startswith("not understood")
