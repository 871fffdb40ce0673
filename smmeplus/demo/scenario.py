"""What of the demo's past still lasts, for the simulator of `make run`: lines of a scenario (SIM-2)."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from functools import cache

from concentrators.demo import INSTALLATION_FILE
from concentrators.models import Assignment
from smmeplus.demo.story import DAYS, REMOVED_SERIAL, Story

FOR_GOOD_S = 10 * 365 * 86_400


@cache
def serials() -> list[str]:
    """The serial numbers of the installation file, in their order."""
    with INSTALLATION_FILE.open(encoding="utf-8", newline="") as file:
        return sorted(row["serial_number"] for row in csv.DictReader(file))


def scenario(now: datetime) -> str:
    """For a fleet that begins at ``now``; empty where the demo has no past, as one of an older version has not."""
    told = Assignment.objects.filter(concentrator__serial_number=REMOVED_SERIAL).order_by("begin")
    began_at: datetime | None = told.values_list("begin", flat=True).first()
    if began_at is None:
        return ""
    story, told_at = Story(), began_at + timedelta(days=DAYS)
    lines = [f"{serials()[index]} away 0 {FOR_GOOD_S}" for index, _since in story.silent]
    lines += _lasting(serials()[story.out_of_service], "away", told_at - now, story.out.end)
    for places, outage in story.supply:
        for feeder in places:
            lines += _lasting(f"feeder:{feeder}", "off", told_at - now, outage.end)
    lines.append(f"{serials()[story.refuses]} refuses")
    lines.append(f"{serials()[story.newcomer]} poses {serials()[story.newcomer_is]}")
    return "\n".join(lines) + "\n"


def _lasting(whose: str, fault: str, ago: timedelta, end: float) -> list[str]:
    """A line, if that ends in the future; ``end`` is in hours before the end of the story, which was ``-ago`` ago."""
    seconds = (ago - timedelta(hours=end)).total_seconds()
    return [f"{whose} {fault} 0 {seconds:.0f}"] if seconds >= 1 else []
