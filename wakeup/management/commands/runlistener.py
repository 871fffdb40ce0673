from __future__ import annotations

import gc
import sys
from argparse import ArgumentParser
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection

from smmeplus.common.commands.quiet import QuietCommand
from smmeplus.common.event_loop import run
from smmeplus.common.networks import MAX_PORT, Network, NetworkError, read_networks
from smmeplus.common.vitals.sockets import CannotListenError
from wakeup.listener.connections.limits import Limits
from wakeup.listener.service import METRICS_PORT, Options, serve
from wakeup.listener.tls.certificates import TlsFiles, TlsFilesError
from wakeup.listener.tls.port import TlsWanted
from wakeup.listener.vitals.pooling import SharedSessionsError
from wakeup.listener.writers.buckets import Rates
from wakeup.listener.writers.database import connect_options
from wakeup.listener.writers.intake import PATIENCE_S

SWITCH_S = 0.000_5  # the event loop waits no longer for a writer's thread; Python's own 5 ms would delay every answer


class Command(QuietCommand):
    help = "Receive wake-up and last-gasp messages on TCP and UDP until SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        limits = Limits()
        add = parser.add_argument
        add("--host", default="0.0.0.0", help="address to listen on (default: all)")  # noqa: S104
        add("--port", type=int, default=settings.LISTENER_PORT, help="TCP and UDP port (%(default)s)")
        add(
            "--tls-port",
            type=int,
            default=settings.LISTENER_TLS_PORT,
            metavar="N",
            help="a second TCP port, for TLS with the certificate of LISTENER_TLS_CERTIFICATE "
            "(default: LISTENER_TLS_PORT of the environment; 0 = none)",
        )
        add(
            "--proxies",
            default=",".join(settings.LISTENER_PROXIES),
            metavar="NETWORKS",
            help="balancers whose PROXY header says where a connection comes from, such as 10.0.0.0/8,192.0.2.7 "
            "(default: LISTENER_PROXIES of the environment)",
        )
        add(
            "--networks",
            default=",".join(settings.LISTENER_NETWORKS),
            metavar="NETWORKS",
            help="the only networks from which concentrators may send; all others are not even read "
            "(default: LISTENER_NETWORKS of the environment; empty: all)",
        )
        add("--connections", type=int, default=limits.connections, metavar="N", help="at most at once (%(default)s)")
        add(
            "--per-address",
            type=int,
            default=limits.per_address,
            metavar="N",
            help="of these from one address (%(default)s); 0 = no limit",
        )
        add(
            "--idle",
            type=float,
            default=limits.idle_s,
            metavar="SECONDS",
            help="close a silent connection after this time (%(default)g); more than the period keeps it open",
        )
        add(
            "--patience",
            type=float,
            default=PATIENCE_S,
            metavar="SECONDS",
            help="how long a connection waits for a database that is away before it is reset (%(default)g)",
        )
        add("--metrics-host", default="127.0.0.1", help="address of /metrics and /healthz (%(default)s)")
        add("--metrics-port", type=int, help=f"their port (default: {METRICS_PORT} if it is free; 0 = none)")

    def handle(self, **options: Any) -> None:
        wanted = _checked(options)
        connection.settings_dict["OPTIONS"] = connect_options(connection.vendor, connection.settings_dict["OPTIONS"])
        gc.freeze()  # to walk all of Django in a collection takes up to a tenth of a second, and nobody is answered
        sys.setswitchinterval(SWITCH_S)
        try:
            run(serve(wanted))
        except (CannotListenError, SharedSessionsError, TlsFilesError) as error:
            raise CommandError(str(error)) from error


def _checked(options: dict[str, Any]) -> Options:
    """The options, if they make sense. Raises CommandError, which says what is right."""
    limits = Limits(
        connections=_at_least(1, "connections", options),
        per_address=_at_least(0, "per_address", options),
        idle_s=_seconds("idle", options),
        proxies=_networks("proxies", options),
        networks=_networks("networks", options),
    )
    checked = Options(
        host=_address("host", options),
        port=_port("port", options, least=1),
        writers=1 if connection.vendor == "sqlite" else 2,
        limits=limits,
        rates=Rates(
            of_serial=settings.LISTENER_RATE_PER_SERIAL,
            burst_of_serial=settings.LISTENER_BURST_PER_SERIAL,
            of_address=settings.LISTENER_RATE_PER_ADDRESS,
        ),
        tls=_tls(options),
        patience_s=_seconds("patience", options),
        metrics_host=_address("metrics_host", options),
        metrics_port=None if options["metrics_port"] is None else _port("metrics_port", options, least=0),
    )
    if checked.metrics_port == checked.port:
        raise CommandError(f"--metrics-port has to be another than --port, {checked.port}.")
    if checked.tls is not None and checked.tls.port in (checked.port, checked.metrics_port):
        raise CommandError(f"--tls-port has to be another than --port and --metrics-port, not {checked.tls.port}.")
    return checked


def _tls(options: dict[str, Any]) -> TlsWanted | None:
    port = _port("tls_port", options, least=0)
    if not port:
        return None
    for name in ("LISTENER_TLS_CERTIFICATE", "LISTENER_TLS_KEY"):
        if not getattr(settings, name):
            raise CommandError(f"--tls-port needs {name}, the path of a file in PEM.")
    clients = Path(settings.LISTENER_TLS_CLIENT_CA) if settings.LISTENER_TLS_CLIENT_CA else None
    certificate, key = Path(settings.LISTENER_TLS_CERTIFICATE), Path(settings.LISTENER_TLS_KEY)
    return TlsWanted(port, TlsFiles(certificate, key, clients, settings.LISTENER_TLS_CLIENT_REQUIRED))


def _refusal(name: str, wanted: str, value: object) -> CommandError:
    return CommandError(f"--{name.replace('_', '-')} wants {wanted}, not “{value}”.")


def _address(name: str, options: dict[str, Any]) -> str:
    host: str = options[name]
    try:
        return str(ip_address(host))
    except ValueError as error:
        raise _refusal(name, "an IP address of this machine, such as 0.0.0.0 for all", host) from error


def _port(name: str, options: dict[str, Any], *, least: int) -> int:
    port: int = options[name]
    if not least <= port <= MAX_PORT:
        raise _refusal(name, f"a port from {least} to {MAX_PORT}", port)
    return port


def _at_least(least: int, name: str, options: dict[str, Any]) -> int:
    number: int = options[name]
    if number < least:
        raise _refusal(name, f"a number from {least} on", number)
    return number


def _seconds(name: str, options: dict[str, Any]) -> float:
    seconds: float = options[name]
    if not 0 < seconds < float("inf"):
        raise _refusal(name, "a number of seconds above 0", seconds)
    return seconds


def _networks(name: str, options: dict[str, Any]) -> tuple[Network, ...]:
    try:
        return read_networks(options[name].split(","))
    except NetworkError as error:
        raise _refusal(name, "addresses or networks such as 10.0.0.0/8,192.0.2.7", error) from error
