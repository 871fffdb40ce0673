from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from smmeplus.common.commands.quiet import QuietCommand
from smmeplus.common.vitals.serving import add_metrics_options, metrics_socket, served
from wakeup.monitoring.notifications.sending.sender import Sender


class Command(QuietCommand):
    help = (
        "Send what waits in the outbox, events and signs of life to their receivers, until SIGTERM. Any number "
        "may run: one serves a receiver at a time. Webhooks and AMQP go nowhere but to the networks in NOTIFY_NETWORKS."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what is due and end, as for cron")
        add_metrics_options(parser)

    def handle(self, **options: Any) -> None:
        if not settings.NOTIFY_NETWORKS:
            self.stderr.write("NOTIFY_NETWORKS is empty: no webhook is sent. List the networks of the receivers.")
        sender = Sender()
        if options["once"]:
            sender.run_once()
        else:
            stopped = threading.Event()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stopped.set())
            with served(sender.passes.endpoint(), metrics_socket(options)):
                sender.run(stopped)
        counts = f"delivered {sender.delivered}, failed {sender.failed}, signs of life {sender.signs}"
        self.stdout.write(f"{counts}, events {sender.events}")
