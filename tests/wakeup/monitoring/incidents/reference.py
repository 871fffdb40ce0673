"""Incidents by the words of STA-5 alone: each outage in its turn, and all windows tried. Times are seconds.

What :mod:`wakeup.monitoring.incidents.grouping` is compared with. It keeps no bounds and forgets nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Place = tuple[str, ...]
WINDOW, REOPENS_WITHIN, LEAST, PERCENT = 300, 600, 3, 50
FOREVER = 10**9


@dataclass(eq=False)
class Dark:
    """An outage. ``places`` are company, substation, feeder: as many as are known."""

    key: int
    who: int
    places: tuple[Place, ...]
    earliest: int
    latest: int
    noticed: int
    ended: int = FOREVER
    gasped: bool = False
    carrier: str = ""  # that fails
    incident: Incident | None = None


@dataclass(eq=False)
class Incident:
    place: Place
    opened: int
    members: list[Dark] = field(default_factory=list)
    first: list[Dark] = field(default_factory=list)  # those of the time at which it began
    after: int = -FOREVER
    before: int = FOREVER
    window: tuple[int, int] = (0, 0)
    reopened: int = 0

    @property
    def end(self) -> int:
        return max(one.ended for one in self.members)

    @property
    def began(self) -> int:
        gasps = [one.earliest for one in self.first if one.gasped]
        return min(gasps) if gasps else max(one.earliest for one in self.first)

    def takes(self, at: int) -> bool:
        return at - self.end <= REOPENS_WITHIN

    def fits(self, one: Dark) -> bool:
        low, high = sorted((self.after, self.before))
        return one.earliest <= high + WINDOW and one.latest >= low - WINDOW

    def go_on(self, at: int) -> None:
        self.reopened += bool(self.members) and self.end <= at

    def add(self, one: Dark, *, is_first: bool) -> None:
        self.after, self.before = max(self.after, one.earliest), min(self.before, one.latest)
        self.members.append(one)
        self.first += [one] * is_first
        one.incident = self


class Reference:
    def __init__(self, sizes: Mapping[Place, int]) -> None:
        self.sizes = sizes
        self.seen: list[Dark] = []
        self.incidents: list[Incident] = []
        self.renewed: set[Incident] = set()

    def take(self, all_dark: Iterable[Dark]) -> None:
        for one in sorted(all_dark, key=lambda one: (one.noticed, one.key)):
            places = one.places
            fitting = [found for place in places if (found := self._of(place, one.noticed)) and found.fits(one)]
            if one.carrier:
                fitting = [found for found in fitting if any(member.gasped for member in found.members)]
                place = (*places[0], "carrier", one.carrier)
                fitting = fitting or [self._of(place, one.noticed) or self._new(place, one.noticed)]
            if fitting:
                is_first = fitting[0] not in self.renewed and (not fitting[0].members or fitting[0].fits(one))
                fitting[0].go_on(one.noticed)
                fitting[0].add(one, is_first=is_first)
            self.seen.append(one)
            for place in () if one.carrier else places:
                if one.incident is None or len(one.incident.place) > len(place):
                    self._try(place, one)

    def _of(self, place: Place, at: int) -> Incident | None:
        found = [one for one in self.incidents if one.place == place and one.takes(at)]
        return found[-1] if found else None

    def _new(self, place: Place, at: int) -> Incident:
        self.incidents.append(Incident(place, at))
        return self.incidents[-1]

    def _try(self, place: Place, new: Dark) -> None:
        """The first window that ``new`` and most of ``place`` touch, if they are enough."""
        at = new.noticed
        spans = {
            one: self._span(one)
            for one in self.seen
            if place in one.places
            and not one.carrier
            and (one.incident is None or len(one.incident.place) > len(place))
        }
        first, last = spans[new][0] - WINDOW, spans[new][1]
        begins = {max(begin - WINDOW, first) for begin, _ in spans.values() if begin - WINDOW <= last}
        most, where = min((-len({one.who for one in within(spans, begin)}), begin) for begin in begins)
        if -most < self._threshold(place, at):
            return
        chosen = within(spans, where)
        parts = [one.incident for one in chosen if one.incident]
        group = self._of(place, at)
        if group:
            group.go_on(at)
            self.renewed.add(group)
        elif parts:
            group = min(parts, key=lambda part: (part.opened, self.incidents.index(part)))
            group.place = place
        else:
            group = self._new(place, at)
        after, before = max(spans[one][0] for one in chosen), min(spans[one][1] for one in chosen)
        group.after, group.before, group.window = after, before, (min(after, before), max(after, before))
        for part in {part for part in parts if part is not group}:
            for one in part.members:
                one.incident = group
            group.members += part.members
            group.first += part.first if group not in self.renewed else []
            self.incidents.remove(part)
        is_first = group not in self.renewed
        rest = [one for one in spans if one not in chosen]
        for one in chosen + [one for one in rest if group.fits(one)]:
            if one.incident is None:
                group.add(one, is_first=is_first)

    def _span(self, one: Dark) -> tuple[int, int]:
        """Its interval, or that part of it at which its incident began."""
        low, high = one.incident.window if one.incident else (-FOREVER, FOREVER)
        return max(one.earliest, min(low, one.latest)), min(one.latest, max(high, one.earliest))

    def _threshold(self, place: Place, at: int) -> int:
        hidden = {
            one.who
            for one in self.seen
            if one.carrier and one.places[-1] == place and one.ended > at and "carrier" in one.incident.place  # type: ignore[union-attr]
        }
        return max(LEAST, -(-PERCENT * (self.sizes[place] - len(hidden)) // 100))


def within(spans: Mapping[Dark, tuple[int, int]], begin: int) -> list[Dark]:
    """Those whose spans touch the window that begins then."""
    return [one for one, (low, high) in spans.items() if low <= begin + WINDOW and high >= begin]
