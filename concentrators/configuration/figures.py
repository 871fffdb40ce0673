"""What a writer has done since it began, and how its work stands (CFG-3, LIS-7)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Count

from concentrators.configuration.hearing import heard_not_reachable
from concentrators.configuration.jobs import Job
from concentrators.configuration.outcomes import Outcome
from concentrators.models import Configuration, Failure

#: Beside the states: a concentrator that is heard and not reachable has one of them, too.
HEARD_NOT_REACHABLE: Final = "heard not reachable"
LOG_READ: Final = "read"


@dataclass
class Figures:
    """``outcomes`` counts tries by *written*, *checked* or why they failed. ``passed_at`` is by ``time.monotonic``."""

    written: int = 0
    checked: int = 0
    failed: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    #: Tries to read a log of power failures, by *read* or why they failed.
    logs: Counter[str] = field(default_factory=Counter)
    #: When all that was due was last begun, and all that had ended stored.
    passed_at: float = field(default_factory=time.monotonic)
    #: Why the database takes nothing; empty while it does.
    away: str = ""
    #: How many configurations are in each state, as they were last counted; empty before.
    states: Mapping[str, int] = field(default_factory=dict)

    def count(self, job: Job, outcome: Outcome) -> None:
        if outcome.failure:
            self.failed += 1
            self.outcomes[outcome.failure.value] += 1
        elif job.only_reads:
            self.checked += 1
            self.outcomes["checked"] += 1
        else:
            self.written += 1
            self.outcomes["written"] += 1

    def count_log(self, failure: Failure | None) -> None:
        self.logs[failure.value if failure else LOG_READ] += 1

    def passed(self) -> None:
        self.passed_at, self.away = time.monotonic(), ""


def count_states() -> Mapping[str, int]:
    """The numbers of concentrators in field by state; a state without any is left out. Reads all rows."""
    wanted = Configuration.objects.filter(profile__isnull=False).order_by()
    found = dict(wanted.values_list("state").annotate(number=Count("pk")))
    return {**found, HEARD_NOT_REACHABLE: wanted.filter(heard_not_reachable()).count()}
