from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from smmeplus.common.commands.quiet import QuietCommand
from smmeplus.doctor import database, machine, work
from smmeplus.doctor.findings import Finding, State, findings

CHECKS = (*machine.CHECKS, *database.CHECKS, *work.CHECKS)


class Command(QuietCommand):
    help = (
        "Look at this installation: database, clocks, limits, disk, services, mail, webhooks. Says of each what is "
        "wrong and what to do. Changes nothing, and fails if anything is wrong; warnings are no failure."
    )
    requires_system_checks = []  # what they would stop at is one of its findings

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="say it as one JSON object")

    def handle(self, **options: Any) -> None:
        found: list[Finding] = []
        for one in findings(CHECKS):
            found.append(one)
            if not options["json"]:
                self.stdout.write(_line(one))
        number = sum(one.state is State.WRONG for one in found)
        if options["json"]:
            self.stdout.write(json.dumps({"ok": not number, "findings": [one.as_dict() for one in found]}))
        if number:
            raise CommandError(f"{number} {'things are' if number > 1 else 'thing is'} wrong.")


def _line(one: Finding) -> str:
    said = f"{one.state.upper() if one.state is State.WRONG else one.state:8}{one.check}: {one.said}"
    return f"{said}. {one.to_do}" if one.to_do else said
