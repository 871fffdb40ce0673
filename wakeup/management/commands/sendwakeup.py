from __future__ import annotations

import asyncio
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from smmeplus.common.commands.quiet import QuietCommand
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.kinds import KIND_BY_WORD
from wakeup.probe import FORMATS, Probe, send


class Command(QuietCommand):
    help = "Send one message to a listener as a concentrator would, and print its answer."
    requires_system_checks = []  # it needs neither pages nor a database

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("serial", help="serial number, for example 16CEC50610036665")
        parser.add_argument("--kind", choices=KIND_BY_WORD, default="keepalive", help="(default: %(default)s)")
        parser.add_argument("--format", choices=FORMATS, default="push", help="(default: %(default)s)")
        parser.add_argument("--host", default="127.0.0.1", help="(default: %(default)s)")
        parser.add_argument("--port", type=int, default=settings.LISTENER_PORT, help="(default: %(default)s)")
        parser.add_argument("--udp", action="store_true", help="send a datagram instead of opening a connection")
        parser.add_argument(
            "--timeout", type=float, default=10.0, metavar="SECONDS", help="for the answer (default: %(default)s)"
        )

    def handle(self, **options: Any) -> None:
        probe = Probe(options["host"], options["port"], timeout_s=options["timeout"], is_datagram=options["udp"])
        where = f"{'UDP' if probe.is_datagram else 'TCP'} {probe.host}:{probe.port}"
        started = time.perf_counter()
        try:
            frame = FORMATS[options["format"]].build(
                options["serial"].upper(), KIND_BY_WORD[options["kind"]], timezone.localtime()
            )
            self.stdout.write(f"sent to {where}: {frame.hex()}")
            answer = asyncio.run(send(frame, probe, FORMATS[options["format"]]))
        except FrameError as error:
            raise CommandError(f"Cannot send this: {error}") from error
        except TimeoutError as error:
            raise CommandError(
                f"No answer from {where} within {probe.timeout_s:g} s: nothing says that it was stored."
            ) from error
        except OSError as error:
            raise CommandError(f"{where}: {error.strerror or error}. Nothing says that it was stored.") from error
        self.stdout.write(f"answer after {(time.perf_counter() - started) * 1000:.1f} ms: {answer}")
