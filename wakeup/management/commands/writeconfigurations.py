from __future__ import annotations

import logging
import socket
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from concentrators.configuration.writer import MOST_AT_ONCE, Plan, Writer
from concentrators.keys.encryption import NoKeyError
from concentrators.keys.passwords import rotate
from concentrators.keys.rotating import rotate_keys
from smmeplus.common.commands.quiet import QuietCommand
from smmeplus.common.event_loop import run, stop_on_signals
from smmeplus.common.vitals.serving import add_metrics_options, metrics_socket
from wakeup.between import record_heard
from wakeup.monitoring.notifications.sending.secrets import rotate_secrets
from wakeup.writing import serve

VERIFY_AFTER_DAYS = 7


class Command(QuietCommand):
    help = (
        "Write the configuration into the concentrators that it is due for, and read it back, until SIGTERM. "
        "It connects nowhere but to the networks in WRITER_NETWORKS."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when nothing is due any more, as for cron")
        parser.add_argument(
            "--verify",
            nargs="?",
            type=int,
            const=VERIFY_AFTER_DAYS,
            metavar="DAYS",
            help=f"also read back what was last read back so many days ago (if given without: {VERIFY_AFTER_DAYS})",
        )
        parser.add_argument(
            "--at-once", type=int, default=MOST_AT_ONCE, metavar="N", help="concentrators at a time (%(default)s)"
        )
        add_metrics_options(parser)
        parser.add_argument(
            "--rotate-keys",
            action="store_true",
            help="encrypt all passwords, keys and secrets with the first of CONFIGURATION_KEYS, and end",
        )

    def handle(self, **options: Any) -> None:
        if options["rotate_keys"]:
            self._rotate()
            return
        if options["at_once"] < 1:
            raise CommandError("--at-once wants a number from 1 on.")
        if options["verify"] is not None and options["verify"] < 0:
            raise CommandError("--verify wants a number of days from 0 on.")
        if not settings.WRITER_NETWORKS:
            self.stderr.write("WRITER_NETWORKS is empty: nothing is written. List the networks of the concentrators.")
        days = options["verify"]
        plan = Plan(
            at_once=options["at_once"],
            once=options["once"],
            verify_after=None if days is None else timedelta(days=days),
            counts_states=options["metrics_port"] is not None,
        )
        figures = run(_work(plan, metrics_socket(options))).figures
        self.stdout.write(f"written {figures.written}, checked {figures.checked}, failed {figures.failed}")

    def _rotate(self) -> None:
        try:
            self.stdout.write(f"passwords encrypted with the first key: {rotate()}")
            if count := rotate_keys():
                self.stdout.write(f"concentrators whose keys were encrypted with it: {count}")
            if count := rotate_secrets():
                self.stdout.write(f"secrets of webhooks encrypted with it: {count}")
        except NoKeyError as error:
            raise CommandError(str(error)) from error


async def _work(plan: Plan, http: socket.socket | None) -> Writer:
    stopped = stop_on_signals()
    writer = Writer(plan, take_heard=record_heard)
    logging.getLogger(__name__).info("configuration writer %s", writer.name)
    await serve(writer, stopped, http)
    return writer
