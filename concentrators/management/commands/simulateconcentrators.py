from __future__ import annotations

import math
import socket
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from concentrators.finding import find_company
from concentrators.models import Company
from concentrators.simulator.addresses import can_send_from, is_loopback, loopback_source
from concentrators.simulator.devices import devices_of
from concentrators.simulator.faults import Rule, first_of_writable, read_faults
from concentrators.simulator.inventory import MINUTE, Installation, installations, made_up
from concentrators.simulator.messages import MessageFormat, Service
from concentrators.simulator.simulation import SPREAD, Plan, closing_table, simulate
from smmeplus.common.commands.quiet import QuietCommand
from smmeplus.common.event_loop import run
from smmeplus.common.networks import parse_port

MADE_UP_PERIOD_MIN = 10


def positive_number(text: str) -> float:
    number = float(text)
    if not number > 0:
        raise ArgumentTypeError(f"{text} is not greater than 0")
    if math.isinf(number):
        raise ArgumentTypeError(f"{text} is not finite")
    return number


def whole_number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ArgumentTypeError(f"{text} is less than 1")
    return number


def port_number(text: str) -> int:
    try:
        return parse_port(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is no port") from None


class Command(QuietCommand):
    help = (
        "Simulate concentrators that send wake-ups over TCP as real ones do, retries included, until Ctrl-C. "
        "They send to --host alone, never to the wake-up IP of their profiles, which is the real network's, unless "
        "that is a loopback address."
    )

    requires_system_checks = ["configuration"]  # the others check web pages, which a fleet does not have

    def add_arguments(self, parser: ArgumentParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--company", metavar="NAME", help="those of this company that are in field, as they change")
        who.add_argument("--count", type=whole_number, metavar="N", help="N made-up ones, SIM0000000001 and up")
        parser.add_argument(
            "--period",
            type=whole_number,
            metavar="MINUTES",
            help=f"period of made-up ones ({MADE_UP_PERIOD_MIN}); others have their profile's",
        )
        parser.add_argument(
            "--writable",
            action="store_true",
            help="each concentrator of the company has a DLMS server at its loopback address and management port, and "
            "does what is written into it, not what the inventory says",
        )
        parser.add_argument(
            "--scenario",
            type=Path,
            metavar="FILE",
            help="what goes wrong, in lines of a serial number, a pattern or feeder:NAME and off BEGIN SECONDS, "
            "away BEGIN SECONDS or reboots SECONDS; with --writable also slow SECONDS, drops N, refuses, "
            "answers RESULT, forgets PARAMETER, drifts SECONDS, poses SERIAL, clock SECONDS or forgets-log",
        )
        parser.add_argument("--host", default="127.0.0.1", help="IPv4 address or name of the listener (%(default)s)")
        parser.add_argument(
            "--port", type=port_number, default=settings.LISTENER_PORT, help="its TCP port (%(default)s)"
        )
        parser.add_argument(
            "--speed", type=positive_number, default=1.0, help="60 makes a minute pass in a second (%(default)s)"
        )
        parser.add_argument(
            "--spread",
            type=positive_number,
            default=SPREAD,
            metavar="SECONDS",
            help="real time over which the first boots are spread (%(default)s)",
        )
        parser.add_argument("--for", type=positive_number, metavar="SECONDS", help="end after this much real time")
        parser.add_argument(
            "--format",
            choices=[message_format.value for message_format in MessageFormat],
            default=MessageFormat.PUSH.value,
            help="push: confirmed DataNotification; telegram: text (%(default)s)",
        )

    def handle(self, **options: Any) -> None:
        company = find_company(options["company"]) if options["company"] is not None else None
        if company and options["period"]:
            raise CommandError(
                _("The concentrators of a company have the period of their profile: leave out --period.")
            )
        if options["writable"] and not company:
            raise CommandError(_("Only the concentrators of a company can be written: add --company."))
        rules = _rules_in(options["scenario"]) if options["scenario"] else []
        if not options["writable"] and (fault := first_of_writable(rules)):
            raise CommandError(_("Only concentrators that can be written have “%(fault)s”.") % {"fault": fault})
        service = self._service(company, options)
        if options["writable"] and not service.own_sources:
            raise CommandError(_("For --writable this system needs all of 127.0.0.0/8, and a --host in it."))
        source = _source_of_installations(company, options)
        self._warn_of_rate(source(), options["speed"])
        plan = Plan(
            service=service,
            read_installations=source,
            read_devices=partial(devices_of, company.pk, rules) if company and options["writable"] else None,
            speed=options["speed"],
            spread=options["spread"],
            duration=options["for"],
            rules=rules,
        )
        run(self._simulate(plan))

    async def _simulate(self, plan: Plan) -> None:
        # Within the loop, where a second signal (Ctrl-C, then the process manager's) cannot interrupt the table.
        self._say(closing_table(await simulate(plan, self._say)))

    def _warn_of_rate(self, fleet: list[Installation], speed: float) -> None:
        """Say how many are faster than what a listener with our environment stores (SEC-2)."""
        rate = settings.LISTENER_RATE_PER_SERIAL
        fast = sum(1 for one in fleet if one.profile.period and speed * MINUTE / one.profile.period > rate)
        if rate and fast:
            said = _(
                "At this speed %(count)d concentrators send more than %(rate)d messages a minute "
                "(LISTENER_RATE_PER_SERIAL): a listener answers and counts what is above, but does not store it."
            )
            self._say(said % {"count": fast, "rate": rate})

    def _service(self, company: Company | None, options: dict[str, Any]) -> Service:
        host = _address(options["host"])
        own_sources = is_loopback(host) and can_send_from(loopback_source(0))
        if is_loopback(host) and not own_sources:
            self._say(_("This system has a single loopback address: all concentrators send from that one."))
        service = Service(host, options["port"], MessageFormat(options["format"]), own_sources=own_sources)
        return service if company is None else replace(service, zone=company.zone)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()  # a process manager reads it through a pipe


def _source_of_installations(company: Company | None, options: dict[str, Any]) -> Callable[[], list[Installation]]:
    if company:
        return partial(installations, company.pk)
    fleet = made_up(options["count"], options["period"] or MADE_UP_PERIOD_MIN)
    return lambda: fleet


def _rules_in(file: Path) -> list[Rule]:
    try:
        return read_faults(file.read_text())
    except (OSError, ValueError) as error:
        raise CommandError(f"{file}: {error}") from error


def _address(host: str) -> str:
    """The IPv4 address of ``host``, looked up once instead of for every message."""
    try:
        return socket.gethostbyname(host)
    except (OSError, UnicodeError) as error:
        raise CommandError(_("“%(host)s” has no IPv4 address: %(error)s") % {"host": host, "error": error}) from error
