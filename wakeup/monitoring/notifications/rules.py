"""What to tell a receiver next of an incident or alarm, by what it has been told (STA-7).

Pure functions: all they know comes from the outbox, so a pass that is repeated does nothing more. What is told is
frozen when its delay has passed. What has been tried once may have arrived, and is never taken back::

    nothing told, and it is open            its beginning waits for the receiver's delay
    it is over, quiet or merged before      the beginning is dropped, and nothing else is told
    told, and it changed place or cause     a change
    told, and it is over                    its end
    over, and it is open again              its beginning once more
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from wakeup.models import CauseClass, DeliveryState, Receiver
from wakeup.monitoring.notifications.events import BEGINNINGS, ENDS, Event, Why, reason
from wakeup.monitoring.notifications.subjects import TELLING, Subject

_DELAYS: Final = {
    CauseClass.POWER: "delay_power_min",
    CauseClass.COMMUNICATION: "delay_communication_min",
    CauseClass.OUR_SIDE: "delay_our_side_min",
    CauseClass.UNDECIDED: "delay_undecided_min",
}


@dataclass(frozen=True)
class Told:
    """A delivery of the outbox, as far as the rules ask."""

    pk: int
    event: str
    state: str
    tries: int
    not_before: datetime
    reason: str
    body: Mapping[str, Any]

    @property
    def is_untried(self) -> bool:
        return self.state == DeliveryState.WAITING and self.tries == 0

    @property
    def is_dropped(self) -> bool:
        return self.state == DeliveryState.DROPPED


@dataclass(frozen=True)
class New:
    """A delivery to be made; one with a ``reason`` is not to be told."""

    subject: Subject
    event: Event
    key: str
    not_before: datetime
    reason: str = ""


@dataclass(frozen=True)
class Plan:
    """``drop`` are untried ones with the reason, ``refresh`` one that is made anew, ``stands`` what changes there."""

    new: Sequence[New] = ()
    drop: Mapping[int, str] = field(default_factory=dict)
    refresh: Mapping[int, tuple[datetime, Mapping[str, Any]]] = field(default_factory=dict)
    stands: Mapping[int, bool] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(self.new) + len(self.drop) + len(self.refresh)


NOTHING: Final = Plan()


def concerns(receiver: Receiver, subject: Subject) -> bool:
    """Whether it is about the receiver's company, about all of them, or about our side."""
    return receiver.company_id is None or subject.company in (None, receiver.company_id)


def plan_for(receiver: Receiver, subject: Subject, told: Sequence[Told], now: datetime) -> Plan:
    """``told`` is all that the outbox has of ``subject`` for ``receiver``, in the order of numbers."""
    begun = _last(told, BEGINNINGS)
    later = told[told.index(begun) + 1 :] if begun else ()
    ended = next((one for one in later if one.event in ENDS and not one.is_dropped), None)
    if begun is None or begun.is_dropped or ended is not None:
        return _not_standing(receiver, subject, _History(told, begun, later, ended), now)
    if subject.over is not None:
        return _over(subject, _History(told, begun, later, None), subject.over, now)
    return _standing(receiver, subject, _History(told, begun, later, None), now)


@dataclass(frozen=True)
class _History:
    """What was told of it: the last beginning, what came after that, and the end if it counts."""

    all: Sequence[Told]
    begun: Told | None
    later: Sequence[Told]
    ended: Told | None

    def key(self, subject: Subject, event: Event) -> str:
        """Another one for each time: counted, so that the same pass makes the same again."""
        number = sum(one.event == event for one in self.all) + 1
        return f"{subject.key} {event.value.rpartition(' ')[2]} {number}"


def _not_standing(receiver: Receiver, subject: Subject, history: _History, now: datetime) -> Plan:
    begun, ended = history.begun, history.ended
    if subject.over is not None or not concerns(receiver, subject) or subject.priority < receiver.least_priority:
        return NOTHING
    if begun is not None and ended is not None and ended.is_untried:
        return Plan(drop={ended.pk: reason(Why.AGAIN)}, stands={begun.pk: True})
    quiet = subject.quiet()
    if quiet is not None and begun is not None and begun.is_dropped and begun.reason == reason(quiet):
        return NOTHING
    since = now if begun else subject.noticed_at  # the second time it has to last anew
    key = history.key(subject, subject.begin)
    why = reason(quiet) if quiet else ""
    return Plan(new=[New(subject, subject.begin, key, since + delay_of(receiver, subject.cause), why)])


def _over(subject: Subject, history: _History, over: Why, now: datetime) -> Plan:
    begun = history.begun
    assert begun is not None  # noqa: S101 - what stands has begun
    is_too_short = subject.over_at is None or subject.over_at < begun.not_before
    if begun.is_untried and is_too_short:
        return _dropped(history, over)
    new = New(subject, subject.end, history.key(subject, subject.end), now)
    return Plan(new=[new], stands={begun.pk: False})


def _standing(receiver: Receiver, subject: Subject, history: _History, now: datetime) -> Plan:
    begun = history.begun
    assert begun is not None  # noqa: S101 - what stands has begun
    if begun.is_untried and (quiet := subject.quiet()) is not None:
        return _dropped(history, quiet)
    if begun.is_untried and now < begun.not_before:
        return _refreshed(receiver, subject, begun)
    if not _differs(subject, history):
        return NOTHING
    return Plan(new=[New(subject, Event.CHANGED, history.key(subject, Event.CHANGED), now)])


def _refreshed(receiver: Receiver, subject: Subject, begun: Told) -> Plan:
    """Until the delay has passed it is told as it is by then: with all that have gone dark meanwhile."""
    if all(begun.body.get(name) == fact for name, fact in subject.facts.items()):
        return NOTHING
    later = delay_of(receiver, subject.cause) - delay_of(receiver, _cause_told(begun))
    return Plan(refresh={begun.pk: (begun.not_before + later, subject.facts)})


def _cause_told(begun: Told) -> CauseClass | None:
    return CauseClass(begun.body["cause"]) if begun.body.get("cause") else None


def _dropped(history: _History, why: Why) -> Plan:
    """Neither the beginning nor what was to be told after it."""
    begun = history.begun
    assert begun is not None  # noqa: S101 - what stands has begun
    waiting = [one for one in (begun, *history.later) if one.is_untried]
    return Plan(drop={one.pk: reason(why) for one in waiting}, stands={begun.pk: False})


def _differs(subject: Subject, history: _History) -> bool:
    """Whether place or cause are not those that were last told."""
    *_, last = _facts_told(history)
    return any(name in subject.facts and last.get(name) != subject.facts[name] for name in TELLING)


def _facts_told(history: _History) -> Iterator[Mapping[str, Any]]:
    if history.begun is not None:
        yield history.begun.body
    yield from (one.body for one in history.later if one.event == Event.CHANGED and not one.is_dropped)


def delay_of(receiver: Receiver, cause: CauseClass | None) -> timedelta:
    """How long something of this cause has to last before ``receiver`` is told."""
    return timedelta(minutes=getattr(receiver, _DELAYS[cause])) if cause else timedelta()


def _last(told: Sequence[Told], events: Collection[Event]) -> Told | None:
    return next((one for one in reversed(told) if one.event in events), None)
