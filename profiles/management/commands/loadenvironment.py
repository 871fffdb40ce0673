from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from profiles.environments import ENVIRONMENTS, OtherEnvironment, load_environment
from smmeplus.common.commands.quiet import QuietCommand


class Command(QuietCommand):
    help = "Create the settings and profiles of a reference environment. Safe to run twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("environment", choices=ENVIRONMENTS)

    def handle(self, **options: Any) -> None:
        try:
            for line in load_environment(ENVIRONMENTS[options["environment"]]):
                self.stdout.write(line)
        except OtherEnvironment as error:
            raise CommandError(str(error)) from error
