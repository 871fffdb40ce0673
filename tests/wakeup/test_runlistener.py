"""The command `runlistener` itself; what it does once it listens is in `test_listener.py`."""

from __future__ import annotations

import socket

import pytest
from django.core.management import CommandError, call_command

from tests.support.processes import free_port
from wakeup.listener.connections import Limits
from wakeup.management.commands import runlistener

pytestmark = pytest.mark.django_db


def test_an_address_that_is_not_ours_is_refused_in_a_sentence() -> None:
    with pytest.raises(CommandError, match=r"Cannot listen on 192\.0\.2\.1 port"):
        call_command("runlistener", host="192.0.2.1", port=free_port())


def test_a_port_that_another_program_has_is_refused_in_a_sentence() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(CommandError, match="Address already in use"),
    ):
        call_command("runlistener", host="127.0.0.1", port=taken.getsockname()[1])


def test_the_defaults_are_those_of_the_specification(capsys: pytest.CaptureFixture[str]) -> None:
    options = runlistener.Command().create_parser("manage.py", "runlistener").parse_args([])
    assert (options.host, options.port, options.idle) == ("0.0.0.0", 58_692, 60)
    assert options.connections == Limits().connections
