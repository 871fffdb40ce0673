"""The pages of a service that has no event loop of its own, and the options that say where they are."""

from __future__ import annotations

import asyncio
import socket
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

from django.core.management.base import CommandError

from smmeplus.common.networks import MAX_PORT
from smmeplus.common.vitals.http import Endpoint
from smmeplus.common.vitals.sockets import CannotListenError, own_socket


def add_metrics_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--metrics-host", default="127.0.0.1", metavar="HOST", help="address of /metrics and /healthz (%(default)s)"
    )
    parser.add_argument("--metrics-port", type=int, metavar="N", help="their port (default: none)")


def metrics_socket(options: dict[str, Any]) -> socket.socket | None:
    """Where the pages are; None where they are not wanted. Raises CommandError."""
    host, port = options["metrics_host"], options["metrics_port"]
    if port is None:
        return None
    try:
        ip_address(host)
    except ValueError:
        raise CommandError(f"--metrics-host wants an IP address of this machine, not “{host}”.") from None
    if not 1 <= port <= MAX_PORT:
        raise CommandError(f"--metrics-port wants a port from 1 to {MAX_PORT}, not “{port}”.")
    try:
        return own_socket(host, port)
    except CannotListenError as error:
        raise CommandError(str(error)) from error


@contextmanager
def served(endpoint: Endpoint, http: socket.socket | None) -> Iterator[None]:
    """Answer on ``http``, a socket that listens, in a thread of its own: also while the service waits for something."""
    if http is None:
        yield
        return
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(endpoint, sock=http))
    thread = threading.Thread(target=loop.run_forever, name="pages", daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.close()
