"""Outages as they are seen when they are grouped, and the groups that become incidents (STA-5). No database here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from wakeup.monitoring.incidents.places import Place

#: A place that goes dark again so soon after it came back goes on with its incident: it flaps.
REOPENS_WITHIN: Final = timedelta(minutes=10)

OPENED, WIDENED, ABSORBED, ENDED, REOPENED = "opened", "widened", "absorbed", "ended", "reopened"


@dataclass(frozen=True, slots=True)
class Rule:
    """How many concentrators of a place, and what share of it, within which time make an incident."""

    least: int = 3
    percent: int = 50
    window: timedelta = timedelta(minutes=5)

    def threshold(self, size: int) -> int:
        """Of a place of ``size`` concentrators."""
        return max(self.least, -(-self.percent * size // 100))


@dataclass(slots=True, eq=False)
class Sighting:
    """An outage. It began between ``earliest`` and ``latest``; ``ended`` is None while it lasts.

    ``is_hidden``: nothing can be heard of it because its carrier fails. ``is_way_open``: something else was heard on
    its way, so its silence is its own.
    """

    key: int
    concentrator: int
    places: tuple[Place, ...]
    carrier: str
    earliest: datetime
    latest: datetime
    noticed: datetime
    ended: datetime | None = None
    is_announced: bool = False
    is_hidden: bool = False
    is_way_open: bool = False
    group: Group | None = None

    def has_ended(self, at: datetime) -> bool:
        return self.ended is not None and self.ended <= at


class Happening(NamedTuple):
    at: datetime
    what: str
    facts: dict[str, object]


@dataclass(slots=True, eq=False)
class Group:
    """An incident as far as grouping knows it; ``key`` is None for a new one.

    ``after`` is the latest beginning and ``before`` the earliest end of the intervals of its members: who joins must
    not lie further from them than the window is long. ``window`` is what these were when its place met the rule, last.
    ``last_end`` is when the last member came back, None while one is still dark. ``into`` is who took it in.
    """

    place: Place
    after: datetime
    before: datetime
    window: tuple[datetime, datetime]
    began: datetime
    last_end: datetime | None
    vague: int = 0  # how many members may have begun at more than one instant
    key: int | None = None
    number: int = 0  # in the order in which they were opened
    has_gasp: bool = False
    is_power: bool = False
    is_end_told: bool = False
    is_renewed: bool = False
    members: list[Sighting] = field(default_factory=list)  # those that are new
    told: list[Happening] = field(default_factory=list)
    into: Group | None = None

    @classmethod
    def opened_by(cls, place: Place, first: Sighting, at: datetime) -> Group:
        """A new one, of which ``first`` is the first member."""
        begin, end = sorted((first.earliest, first.latest))
        group = cls(place, first.earliest, first.latest, (begin, end), first.earliest, first.ended)
        group.tell(at, OPENED)
        return group

    @property
    def root(self) -> Group:
        group = self
        while group.into is not None:
            group = group.into
        return group

    def is_open(self, at: datetime) -> bool:
        return self.last_end is None or self.last_end > at

    def takes_members(self, at: datetime) -> bool:
        return self.last_end is None or at - self.last_end <= REOPENS_WITHIN

    def fits(self, one: Sighting, window: timedelta) -> bool:
        begin, end = (self.after, self.before) if self.after < self.before else (self.before, self.after)
        return one.earliest <= end + window and one.latest >= begin - window

    def tell(self, at: datetime, what: str, **facts: object) -> None:
        self.told.append(Happening(at, what, facts))

    def join(self, one: Sighting, at: datetime, window: timedelta) -> None:
        """``one`` is a member from ``at`` on; if all were back, it goes on."""
        if not self.is_open(at):
            self.reopen(at)
        self.add(one, window)

    def add(self, one: Sighting, window: timedelta) -> None:
        self._begin_by(one, window)
        one.group = self
        self.members.append(one)
        self.vague += one.earliest < one.latest
        self.after, self.before = max(self.after, one.earliest), min(self.before, one.latest)
        self.last_end = _later(self.last_end, one.ended)
        self.is_power |= one.is_announced

    def _begin_by(self, one: Sighting, window: timedelta) -> None:
        """It began with the first gasp, or else at the latest last wake-up of those that fell silent at that time."""
        if self.is_renewed:
            return
        if one.is_announced:
            self.began = min(self.began, one.earliest) if self.has_gasp else one.earliest
            self.has_gasp = True
        elif not self.has_gasp and self.fits(one, window):
            self.began = max(self.began, one.earliest)

    def reopen(self, at: datetime) -> None:
        if not self.is_end_told and self.last_end is not None:
            self.tell(self.last_end, ENDED)
        self.tell(at, REOPENED)
        self.is_end_told = False

    def go_on(self, at: datetime) -> None:
        """Its place has gone dark anew, at a time that need not be that of its members."""
        if not self.is_open(at):
            self.reopen(at)
        self.is_renewed = True

    def set_window(self, after: datetime, before: datetime) -> None:
        self.after, self.before = after, before
        self.window = (min(after, before), max(after, before))

    def absorb(self, other: Group, at: datetime) -> None:
        other.into = self
        self.tell(at, ABSORBED, incident=other.key, **_of_place(other.place))
        self._begin_with(other)
        self.is_power |= other.is_power
        self.last_end = _later(self.last_end, other.last_end)
        self.members += other.members
        self.vague += other.vague

    def _begin_with(self, other: Group) -> None:
        if self.is_renewed or (self.has_gasp and not other.has_gasp):
            return
        if self.has_gasp == other.has_gasp:
            self.began = (min if self.has_gasp else max)(self.began, other.began)
        else:
            self.began = other.began
        self.has_gasp |= other.has_gasp

    def widen(self, place: Place, at: datetime) -> None:
        self.tell(at, WIDENED, **_of_place(self.place))
        self.place = place


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)


def _of_place(place: Place) -> dict[str, object]:
    return {"scope": place.scope, "substation": place.substation, "feeder": place.feeder}
