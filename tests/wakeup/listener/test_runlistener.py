"""The command `runlistener` itself; what it does once it listens is in `test_listener.py`."""

from __future__ import annotations

import socket
from collections.abc import Coroutine
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from smmeplus.common.vitals.sockets import CannotListenError, own_socket
from tests.support.processes import free_port
from wakeup.listener.connections.limits import Limits
from wakeup.listener.service import Options
from wakeup.listener.tls.certificates import TlsFiles
from wakeup.listener.tls.port import TlsWanted
from wakeup.listener.writers.buckets import Rates
from wakeup.listener.writers.intake import PATIENCE_S
from wakeup.management.commands import runlistener

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def own_options(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the connections of the tests as they are: the command sets time-outs for those of its process."""
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {**connection.settings_dict["OPTIONS"]})


def understood(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Options:
    """What the command would serve with, given ``arguments``."""
    served: list[Options] = []

    def serve(options: Options) -> Coroutine[Any, Any, None]:
        served.append(options)
        return nothing()

    async def nothing() -> None:
        """In place of a listener."""

    monkeypatch.setattr(runlistener, "serve", serve)
    call_command("runlistener", *arguments)
    (options,) = served
    return options


def test_an_address_that_is_not_ours_is_refused_in_a_sentence() -> None:
    with pytest.raises(CommandError, match=r"Cannot listen on 192\.0\.2\.1 port"):
        call_command("runlistener", host="192.0.2.1", port=free_port())


def test_a_port_that_another_program_has_is_refused_in_a_sentence() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(CommandError, match="Address already in use"),
    ):
        call_command("runlistener", host="127.0.0.1", port=taken.getsockname()[1])


def test_a_metrics_port_that_another_program_has_is_refused_if_it_was_asked_for() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(CommandError, match=rf"port {taken.getsockname()[1]}: Address already in use"),
    ):
        call_command("runlistener", host="127.0.0.1", port=free_port(), metrics_port=taken.getsockname()[1])


def test_of_two_listeners_that_start_at_once_only_one_has_the_metrics_port() -> None:
    port = free_port()
    with own_socket("127.0.0.1", port), pytest.raises(CannotListenError, match="Address already in use"):
        own_socket("127.0.0.1", port)


def test_the_defaults_are_those_of_the_specification(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.LISTENER_PROXIES = []
    options, limits = understood(monkeypatch), Limits()
    assert (options.host, options.port, options.patience_s) == ("0.0.0.0", 58_692, PATIENCE_S)
    assert (options.limits.idle_s, options.limits.connections, options.limits.proxies) == (60, limits.connections, ())
    assert (options.metrics_host, options.metrics_port) == ("127.0.0.1", None)
    assert options.writers == (1 if connection.vendor == "sqlite" else 2)


def test_every_option_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    options = understood(
        monkeypatch,
        *("--host", "::1", "--port", "1", "--proxies", "10.0.0.0/8, 192.0.2.7,2001:db8::/32", "--connections", "2"),
        *("--per-address", "0", "--idle", "0.5", "--patience", "7", "--metrics-host", "0.0.0.0", "--metrics-port", "0"),
    )
    assert (options.host, options.port, options.patience_s) == ("::1", 1, 7)
    assert (options.limits.connections, options.limits.per_address, options.limits.idle_s) == (2, 0, 0.5)
    assert options.limits.proxies == tuple(map(ip_network, ("10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32")))
    assert (options.metrics_host, options.metrics_port) == ("0.0.0.0", 0)


def test_the_only_networks_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.LISTENER_NETWORKS = ["10.60.0.0/16"]
    assert understood(monkeypatch).limits.networks == (ip_network("10.60.0.0/16"),)
    assert understood(monkeypatch, "--networks", "").limits.networks == ()


def test_rates_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.LISTENER_RATE_PER_SERIAL, settings.LISTENER_BURST_PER_SERIAL = 60, 120
    settings.LISTENER_RATE_PER_ADDRESS = 7
    assert understood(monkeypatch).rates == Rates(of_serial=60, burst_of_serial=120, of_address=7)


def test_balancers_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.LISTENER_PROXIES = ["10.0.0.0/8", "192.0.2.7"]
    assert len(understood(monkeypatch).limits.proxies) == 2
    assert not understood(monkeypatch, "--proxies", "").limits.proxies


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--host", "localhost"],
            "--host wants an IP address of this machine, such as 0.0.0.0 for all, not “localhost”.",
        ),
        (["--host", "10.0.0.256"], "not “10.0.0.256”."),
        (["--metrics-host", "here"], "--metrics-host wants an IP address"),
        (["--port", "0"], "--port wants a port from 1 to 65535, not “0”."),
        (["--port", "65536"], "not “65536”."),
        (["--port", "x"], "invalid int value: 'x'"),
        (["--metrics-port", "-1"], "--metrics-port wants a port from 0 to 65535, not “-1”."),
        (["--port", "9000", "--metrics-port", "9000"], "--metrics-port has to be another than --port, 9000."),
        (["--tls-port", "65536"], "--tls-port wants a port from 0 to 65535, not “65536”."),
        (["--tls-port", "9001"], "--tls-port needs LISTENER_TLS_CERTIFICATE, the path of a file in PEM."),
        (["--connections", "0"], "--connections wants a number from 1 on, not “0”."),
        (["--per-address", "-1"], "--per-address wants a number from 0 on, not “-1”."),
        (["--idle", "0"], "--idle wants a number of seconds above 0, not “0.0”."),
        (["--idle", "nan"], "not “nan”."),
        (["--patience", "-5"], "--patience wants a number of seconds above 0, not “-5.0”."),
        (["--patience", "inf"], "not “inf”."),
        (
            ["--proxies", "10.0.0.1/8"],
            "--proxies wants addresses or networks such as 10.0.0.0/8,192.0.2.7, not “10.0.0.1/8”.",
        ),
        (["--proxies", "10.0.0.0/8,balancer"], "not “balancer”."),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_nonsense_is_refused_with_a_sentence_that_says_what_is_right(arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("runlistener", *arguments)
    assert said in str(refused.value)


def test_tls_stands_in_the_environment(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    assert understood(monkeypatch).tls is None
    settings.LISTENER_TLS_CERTIFICATE, settings.LISTENER_TLS_KEY = "/etc/a.pem", "/etc/a.key"
    wanted = TlsFiles(Path("/etc/a.pem"), Path("/etc/a.key"), None, requires_client=True)
    settings.LISTENER_TLS_PORT = 58_693
    assert understood(monkeypatch).tls == TlsWanted(58_693, wanted)
    settings.LISTENER_TLS_PORT = 0
    assert understood(monkeypatch, "--tls-port", "58693").tls == TlsWanted(58_693, wanted)
    settings.LISTENER_TLS_CLIENT_CA, settings.LISTENER_TLS_CLIENT_REQUIRED = "/etc/ca.pem", False
    found = understood(monkeypatch, "--tls-port", "1").tls
    assert found == TlsWanted(1, replace(wanted, client_ca=Path("/etc/ca.pem"), requires_client=False))


def test_a_key_is_asked_for_and_a_port_of_its_own(settings: Any) -> None:
    settings.LISTENER_TLS_CERTIFICATE, settings.LISTENER_TLS_KEY = "/etc/a.pem", ""
    with pytest.raises(CommandError, match="--tls-port needs LISTENER_TLS_KEY"):
        call_command("runlistener", "--tls-port", "9001")
    settings.LISTENER_TLS_KEY = "/etc/a.key"
    for taken in ("--port", "--metrics-port"):
        with pytest.raises(CommandError, match="--tls-port has to be another than --port and --metrics-port"):
            call_command("runlistener", "--tls-port", "9001", taken, "9001")


def test_a_file_that_is_missing_is_refused_in_a_sentence(settings: Any) -> None:
    settings.LISTENER_TLS_CERTIFICATE = settings.LISTENER_TLS_KEY = "/nowhere/a.pem"
    ports = ("--port", str(free_port()), "--tls-port", str(free_port()), "--metrics-port", "0")
    with pytest.raises(CommandError, match=r"LISTENER_TLS_CERTIFICATE: /nowhere/a\.pem cannot be read: No such file"):
        call_command("runlistener", "--host", "127.0.0.1", *ports)


def test_its_connections_have_time_outs_where_the_database_is_another_host(monkeypatch: pytest.MonkeyPatch) -> None:
    before = connection.settings_dict["OPTIONS"]
    understood(monkeypatch)
    after = connection.settings_dict["OPTIONS"]
    assert before.items() <= after.items()
    assert ("tcp_user_timeout" in after) == (connection.vendor == "postgresql")
