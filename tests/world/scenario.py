"""What a scenario says: who is there, what happens to them, and what is expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.world.events import Event

START = datetime(2027, 6, 15, 12, tzinfo=UTC)
SERVICE = "10.132.20.228"
PORT = 58692
CANARIES = "canaries"
#: From one pass of a watcher to the next: as often as the service passes, and as seldom as one that is restarted.
PAUSE_S = (5.0, 1_200.0)


@dataclass(frozen=True)
class Traits:
    """What sets the concentrators of a group apart. Canaries send once a minute, from the beginning on."""

    carrier: str = ""
    region: str = ""
    substation: str = ""
    feeder: str = ""
    is_canary: bool = False
    clock_off: timedelta = timedelta(0)  # at the beginning


@dataclass(frozen=True)
class Scenario:
    """What happens in a world and what is expected of it. Times are texts such as ``1:40:00`` since the beginning.

    ``groups`` are concentrators by the name of what they share, such as a feeder, with what sets some of them apart in
    ``traits``. Concentrator n of all of them boots n times ``step_s`` seconds after the beginning. ``arrivals`` are
    what is stored of some concentrators, named by group and number in it (``feeder 0``), to the second, and
    ``changes`` those of their status. ``incidents`` are all that come of it, the first first; None: nobody looks for
    them. ``alarms`` are those that are raised then, and ``told`` is what a receiver of the company has been told.
    Several ``listeners`` are behind a balancer. ``canaries`` are as many of ours, which hang on no carrier. Where there
    are any canaries listeners leave their sign of life, and the verdict is found each minute.
    """

    lasts: str
    groups: Mapping[str, int]
    events: tuple[tuple[str, Event], ...] = ()
    arrivals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    changes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    incidents: tuple[str, ...] | None = None
    alarms: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    traits: Mapping[str, Traits] = field(default_factory=dict)
    listeners: int = 1
    canaries: int = 0
    period_min: int = 100
    step_s: float = 60
    pause_s: tuple[float, float] = PAUSE_S
    start: datetime = START

    @property
    def all_groups(self) -> dict[str, int]:
        return {**self.groups, CANARIES: self.canaries}

    def traits_of(self, group: str) -> Traits:
        return self.traits.get(group, Traits(is_canary=group == CANARIES))

    @property
    def canary_groups(self) -> list[str]:
        return [group for group in self.all_groups if self.traits_of(group).is_canary]

    @property
    def is_judged(self) -> bool:
        return any(self.all_groups[group] for group in self.canary_groups)
