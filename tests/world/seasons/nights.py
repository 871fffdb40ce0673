"""Wake-ups each hour, at thirty minutes past: as many in a day as it has hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from tests.world.events import PowerLost, PowerRestored
from tests.world.scenario import Scenario

GROUPS: Final = {"steady": 1, "silent": 1, "gasping": 1}


@dataclass(frozen=True)
class Night:
    """``days``: how often the steady one is heard on each day in Santiago."""

    scenario: Scenario
    days: Mapping[str, int]


#: Summer time ends at 3:00 UTC, 24 hours and a half after the beginning: 24:00 becomes 23:00.
AUTUMN: Final = Night(
    Scenario(
        start=datetime(2027, 4, 3, 2, 30, tzinfo=UTC),
        lasts="29:50:00",
        period_min=60,
        groups=GROUPS,
        events=(
            ("24:10:00", PowerLost("silent", gasps_lost=1.0)),
            # At 23:10 for the second time; its last wake-up was at 23:32, for the first time.
            ("24:40:00", PowerLost("gasping")),
            ("27:00:00", PowerRestored("silent")),
            ("27:00:00", PowerRestored("gasping")),
        ),
        changes={
            "steady 0": ("0:00:00 never called, operator", "0:00:00 reachable, message"),
            "silent 0": (
                "0:00:00 never called, operator",
                "0:01:00 reachable, message",
                "25:02:00 late, silence",
                "25:05:00 unreachable, silence",
                "27:00:00 reachable, message",
            ),
            "gasping 0": (
                "0:00:00 never called, operator",
                "0:02:00 reachable, message",
                "24:40:00 unreachable, last gasp",
                "27:00:00 reachable, message",
            ),
        },
    ),
    {"2027-04-02": 1, "2027-04-03": 25, "2027-04-04": 4},
)

#: Summer time begins at 4:00 UTC, half an hour after the beginning: 24:00 becomes 1:00.
SPRING: Final = Night(
    Scenario(
        start=datetime(2027, 9, 5, 3, 30, tzinfo=UTC),
        lasts="29:50:00",
        period_min=60,
        groups=GROUPS,
        events=(
            ("0:10:00", PowerLost("silent", gasps_lost=1.0)),
            ("0:40:00", PowerLost("gasping")),
            ("3:00:00", PowerRestored("silent")),
            ("3:00:00", PowerRestored("gasping")),
        ),
        changes={
            "steady 0": ("0:00:00 never called, operator", "0:00:00 reachable, message"),
            "silent 0": (
                "0:00:00 never called, operator",
                "0:01:00 reachable, message",
                "1:02:00 late, silence",
                "1:05:00 unreachable, silence",
                "3:00:00 reachable, message",
            ),
            "gasping 0": (
                "0:00:00 never called, operator",
                "0:02:00 reachable, message",
                "0:40:00 unreachable, last gasp",
                "3:00:00 reachable, message",
            ),
        },
    ),
    {"2027-09-04": 1, "2027-09-05": 23, "2027-09-06": 6},
)
