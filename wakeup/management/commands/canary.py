from __future__ import annotations

import asyncio
import logging
from argparse import ArgumentParser, ArgumentTypeError
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from smmeplus.common.commands.quiet import QuietCommand
from smmeplus.common.event_loop import stop_on_signals
from smmeplus.common.vitals.passes import Passes
from smmeplus.common.vitals.serving import add_metrics_options, metrics_socket, served
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.kinds import Kind
from wakeup.probe import FORMATS, Probe, send

log = logging.getLogger(__name__)
FORMAT = FORMATS["push"]
CANARY_FAILS_AFTER_S = 150.0  # as watchstatus takes it


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 120:
        raise ArgumentTypeError(f"{text} is not a number of seconds from 1 to 120: a canary fails after 150 s")
    return seconds


class Command(QuietCommand):
    help = "Send a keep-alive once a minute the whole way that concentrators take, to prove that it is open (STA-4)."
    requires_system_checks = []  # it runs on any host, without pages and without a database

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("serial", help="serial number of an inventory entry that is marked as a canary")
        parser.add_argument("--host", default="127.0.0.1", help="address of the load balancer (default: %(default)s)")
        parser.add_argument("--port", type=int, default=settings.LISTENER_PORT, help="(default: %(default)s)")
        parser.add_argument("--every", type=_seconds, default=60.0, metavar="SECONDS", help="(default: %(default)g)")
        parser.add_argument("--once", action="store_true", help="send one message and say what came of it")
        add_metrics_options(parser)

    def handle(self, **options: Any) -> None:
        serial, probe = options["serial"].upper(), Probe(options["host"], options["port"], timeout_s=10.0)
        if options["once"]:
            said, is_stored = asyncio.run(_send(serial, probe))
            if not is_stored:
                raise CommandError(said)
            self.stdout.write(said)
            return
        passes = passes_of_canary()
        with served(passes.endpoint(), metrics_socket(options)):
            asyncio.run(_go_on(serial, probe, options["every"], passes))


def passes_of_canary() -> Passes:
    """A pass is a message, and done when it was stored."""
    return Passes("smmeplus_canary", CANARY_FAILS_AFTER_S)


async def _go_on(serial: str, probe: Probe, every_s: float, passes: Passes) -> None:
    """Send at a fixed rate until SIGTERM; log when it begins to fail and when it is well again."""
    was_stored = None
    stopped, loop = stop_on_signals(), asyncio.get_running_loop()
    next_at = loop.time()
    while not stopped.is_set():
        with passes.one():
            said, is_stored = await _send(serial, probe)
            if not is_stored:
                passes.fail(said)
        if is_stored is not was_stored:
            log.log(logging.INFO if is_stored else logging.ERROR, "%s: %s", serial, said)
        was_stored = is_stored
        next_at = max(next_at + every_s, loop.time())
        with suppress(TimeoutError):
            async with asyncio.timeout_at(next_at):
                await stopped.wait()


async def _send(serial: str, probe: Probe) -> tuple[str, bool]:
    """What came of one message, in words, and whether it was stored."""
    where = f"{probe.host}:{probe.port}"
    try:
        answer = await send(FORMAT.build(serial, Kind.KEEPALIVE, timezone.localtime()), probe, FORMAT)
    except FrameError as error:
        raise CommandError(f"Cannot send this: {error}") from error
    except TimeoutError:
        return f"no answer from {where} within {probe.timeout_s:g} s", False
    except OSError as error:
        return f"{where}: {error.strerror or error}", False
    return f"{where}: {answer}", answer.startswith("confirmed")
