from __future__ import annotations

from typing import Any

from django.utils import timezone

from reports.reliability.stored.step import store_months
from smmeplus.common.commands.quiet import QuietCommand


class Command(QuietCommand):
    help = (
        "Store the figures of each company's months, so that the report on reliability need not compute them. Run it "
        "every half hour. Safe to run twice or at the same time; without it the report is right and slow."
    )

    def handle(self, **_options: Any) -> None:
        self.stdout.write(f"{store_months(timezone.now())} months stored")
