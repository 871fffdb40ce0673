"""What an alarm should be, and what the rules know of incidents, planned work and receivers (STA-9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from wakeup.models.alarms import AlarmKind, Priority
from wakeup.models.incidents import CauseClass, IncidentScope

#: How long after an alarm was raised somebody should have acted.
ACT_WITHIN: Final[Mapping[Priority, timedelta]] = {
    Priority.HIGH: timedelta(minutes=10),
    Priority.MEDIUM: timedelta(hours=1),
    Priority.LOW: timedelta(hours=8),
}


class Limits(NamedTuple):
    """The settings of the rules: how long an incident lasts before it rings, and from how many customers it is more."""

    delay: timedelta = timedelta(minutes=2)
    medium_customers: int = 1_000
    high_customers: int = 20_000


@dataclass(frozen=True, slots=True)
class Due:
    """An alarm that should stand. ``facts`` are names and numbers, of which pages make words; JSON can hold them."""

    key: str
    kind: AlarmKind
    priority: Priority
    began_at: datetime
    company: int | None = None
    incident: int | None = None
    planned: int | None = None
    place: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


class Span(NamedTuple):
    """When the incidents were noticed for which one alarm stands; both ends belong to it."""

    begin: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        return self.begin <= moment <= self.end


@dataclass(frozen=True, slots=True)
class Seen:
    """An incident. ``place`` is its name in one line; of a company's the company's.

    ``since`` is when it was noticed that it is dark, or dark again. An alarm may have stood for it before.
    """

    pk: int
    company: int | None
    scope: IncidentScope
    cause: CauseClass
    place: str
    began_at: datetime
    since: datetime
    ended_at: datetime | None = None
    again_at: datetime | None = None
    substation: str = ""
    members: int = 0
    dark: int = 0
    customers: int = 0
    is_planned: bool = False
    is_flapping: bool = False

    @property
    def key(self) -> str:
        return f"incident {self.pk}"

    def has_lasted(self, delay: timedelta, now: datetime) -> bool:
        """By its true times, and not by when it was noticed: what is noticed late rings at once."""
        return (self.ended_at or now) - (self.again_at or self.began_at) >= delay


class Overrun(NamedTuple):
    """A time of planned work of which ``dark`` concentrators had not come back long enough after its ``end``."""

    window: int
    company: int
    place: str
    title: str
    end: datetime
    dark: int
    customers: int


class Undelivered(NamedTuple):
    """A receiver to whom nothing could be delivered ``since``. ``name`` is empty if it is of no company."""

    receiver: int
    company: int | None
    name: str
    since: datetime
    waiting: int
    tries: int


class Cover(NamedTuple):
    """An alarm that stood for the incidents of a company, or of one ``place`` of it, that were noticed in ``span``."""

    company: int | None
    place: str | None
    span: Span

    def holds(self, one: Seen) -> bool:
        return self.company == one.company and self.place in (None, one.place) and self.span.holds(one.since)
