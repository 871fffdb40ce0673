from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from concentrators.finding import find_company
from concentrators.models import Company
from smmeplus.common.commands.quiet import QuietCommand
from wakeup.counts.rebuild import Rebuilt, rebuild


class Command(QuietCommand):
    help = (
        "Count totals and days anew from the messages, in the zone that the settings ask for. "
        "Listeners wait meanwhile and lose nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", help="only this one (default: all)")
        parser.add_argument(
            "--dry-run", action="store_true", help="write nothing; exit with 1 if the counters are not right"
        )

    def handle(self, **options: Any) -> None:
        companies = [find_company(options["company"])] if options["company"] else list(Company.objects.all())
        results = rebuild(companies, dry_run=options["dry_run"])
        for result in results:
            self.stdout.write(self._sentence(result))
        if options["dry_run"] and not all(result.is_right for result in results):
            raise CommandError("The counters are not what the messages say. Run “manage.py rebuildcounts”.")

    def _sentence(self, result: Rebuilt) -> str:
        zone = result.zone if result.zone == result.zone_before else f"{result.zone_before} → {result.zone}"
        return (
            f"{result.company}: {result.concentrators} concentrators and {result.days} days in {zone}; "
            f"{result.wrong_totals} totals and {result.wrong_days} days were wrong"
        )
