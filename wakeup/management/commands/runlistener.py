"""`manage.py runlistener`: the service behind the wake-up address and port."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

import uvloop
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from profiles.models import DEFAULT_WAKEUP_PORT
from wakeup.listener.connections import Limits
from wakeup.listener.service import Options, serve


class Command(BaseCommand):
    help = "Receive wake-up and last-gasp messages on TCP and UDP until SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        defaults = Limits()
        parser.add_argument("--host", default="0.0.0.0", help="address to listen on (default: all)")  # noqa: S104
        parser.add_argument("--port", type=int, default=DEFAULT_WAKEUP_PORT, help="TCP and UDP port (%(default)s)")
        parser.add_argument(
            "--idle",
            type=float,
            default=defaults.idle_s,
            metavar="SECONDS",
            help="close a silent connection after this time (%(default)s); more than the period keeps it open",
        )
        parser.add_argument(
            "--connections", type=int, default=defaults.connections, help="at most this many at once (%(default)s)"
        )

    def handle(self, **options: Any) -> None:
        writers = 1 if connection.vendor == "sqlite" else 2
        limits = Limits(connections=options["connections"], idle_s=options["idle"])
        try:
            uvloop.run(serve(Options(options["host"], options["port"], writers, limits)))
        except OSError as error:
            raise CommandError(
                f"Cannot listen on {options['host']} port {options['port']}: {error.strerror}"
            ) from error
