"""What one concentrator sent in the past: its behaviour on a clock that jumps from message to message (SIM-3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from concentrators.simulator.behaviour import Behaviour, Profile
from smmeplus.dlms.kinds import Kind

IsOpen = Callable[[float], bool]


class Sent(NamedTuple):
    """A message that reached the service, and when its concentrator sent it."""

    at: float
    kind: Kind


class Lived:
    """A concentrator that was switched on at ``now``; all times are seconds on one clock, as for ``Behaviour``.

    Play it :meth:`until` the time of an event, then tell it the event. What it sends while ``is_away`` is lost.
    """

    def __init__(self, profile: Profile, now: float, chance: float = 0.0) -> None:
        self.behaviour = Behaviour(profile, now, chance)
        self.is_away = False

    def until(self, end: float, is_open: IsOpen) -> Iterator[Sent]:
        """What reaches the service before ``end``; ``is_open`` says whether the service takes messages at a time."""
        behaviour = self.behaviour
        while behaviour.due is not None and behaviour.due < end:
            at = behaviour.due
            kind = behaviour.begin(at)
            if self.is_away or not is_open(at):
                behaviour.failed(at)
            else:
                behaviour.succeeded(at)
                yield Sent(at, kind)
