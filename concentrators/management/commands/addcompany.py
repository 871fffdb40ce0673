from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from concentrators.models import Company
from smmeplus.common.commands.quiet import QuietCommand


class Command(QuietCommand):
    help = "Add a company, which users and concentrators belong to. One that is there already stays as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument(
            "--time-zone",
            default="UTC",
            metavar="ZONE",
            help="at whose midnight its days begin: America/Santiago; without it UTC",
        )

    def handle(self, **options: Any) -> None:
        there = Company.objects.filter(name__iexact=options["name"]).first()
        if there is not None:
            self.stdout.write(f"{there.name} was there already, in the zone {there.time_zone}.")
            return
        company = Company(name=options["name"], time_zone=options["time_zone"])
        try:
            company.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        company.save()
        self.stdout.write(f"{company.name} was added, in the zone {company.time_zone}.")
