"""How the status of one concentrator changed, told again from what happened, in its order (STA-3).

A pure function. Whoever calls it, however often and however late: the same happenings give the same changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from smmeplus.dlms.kinds import WAKEUPS
from wakeup.models import ChangeReason
from wakeup.monitoring.expected.rules import OutOfServiceSpan
from wakeup.monitoring.status.rules import ComputedStatus, Facts, Status, StatusReason, Timing, lost_at, status_of

#: A status is that of the time just behind an instant: the instant of a deadline belongs to the time before it.
JUST_AFTER = timedelta(microseconds=1)
_OVERDUE = (Status.LATE, Status.UNREACHABLE)
_BY_MESSAGES = (Status.REACHABLE, *_OVERDUE)


class Rule(NamedTuple):
    """What a watch was, up to ``until``; None: what it is now."""

    since: datetime | None
    silent_from: datetime | None
    period: timedelta | None
    lost_due_at: datetime | None
    until: datetime | None = None


class Heard(NamedTuple):
    """A message that may change a status."""

    at: datetime
    kind: int
    device_time: datetime | None = None


class Change(NamedTuple):
    at: datetime
    from_status: str
    to_status: str
    reason: ChangeReason


@dataclass(slots=True)
class Recorded:
    """Up to where the changes of a concentrator are recorded; a replay carries it on.

    ``next_at`` and ``look_at`` are as in ``Watch``.
    """

    status: str
    status_at: datetime
    wakeup_at: datetime | None = None
    seen_gasp_at: datetime | None = None
    gasp_at: datetime | None = None
    void_gasp_at: datetime | None = None
    look_at: datetime | None = None
    next_at: datetime | None = None
    is_heard: bool = False
    changes: list[Change] = field(default_factory=list)

    def change(self, at: datetime, status: str, reason: ChangeReason) -> None:
        """What came to be known late cannot lie before what is recorded already."""
        if status != self.status:
            at = max(at, self.status_at)
            self.changes.append(Change(at, self.status, status, reason))
            self.status, self.status_at = status, at


class Replay:
    """Tells the time from ``recorded`` to ``until`` again, and leaves in ``recorded`` what came of it.

    ``rules`` are those since then in their order, the last one in force. ``messages`` are in their order, too; those
    that are recorded already do no harm.
    """

    def __init__(
        self,
        recorded: Recorded,
        rules: Sequence[Rule],
        messages: Sequence[Heard],
        outs: Sequence[OutOfServiceSpan],
        timing: Timing,
    ) -> None:
        self.recorded = recorded
        self._rules = rules
        self._rule = rules[0]
        self._messages = messages
        self._outs = outs
        self._timing = timing
        self._wakeup_clock: datetime | None = None

    def run(self, until: datetime) -> Recorded:
        at = start = self.recorded.status_at
        is_message = False
        for instant, happened in self._happenings(until):
            self._pass(at, instant, is_message=is_message)
            at, is_message = max(instant, start), any(isinstance(one, Heard) for one in happened)
            for one in happened:
                self._take(one)
        self._pass(at, until, is_message=is_message)
        self._look_ahead(until)
        return self.recorded

    def _happenings(self, until: datetime) -> Iterator[tuple[datetime, list[Rule | Heard]]]:
        """All instants at which something happened, in their order, with what that was (nothing: out of service)."""
        at: dict[datetime, list[Rule | Heard]] = {}
        for before, rule in zip(self._rules, self._rules[1:], strict=False):
            at.setdefault(before.until or until, []).append(rule)
        for message in self._messages:
            at.setdefault(message.at, []).append(message)
        for out in self._outs:
            for instant in out:
                if instant > self.recorded.status_at:
                    at.setdefault(instant, [])
        return ((instant, at[instant]) for instant in sorted(at) if instant <= until)

    def _take(self, one: Rule | Heard) -> None:
        recorded = self.recorded
        if isinstance(one, Rule):
            self._rule = one
        elif one.kind in WAKEUPS:
            self._wakeup_clock = one.device_time
            recorded.wakeup_at = max(one.at, recorded.wakeup_at or one.at)
        else:
            self._take_gasp(one)

    def _take_gasp(self, one: Heard) -> None:
        """It says nothing if it was sent before the last wake-up, and was on its way for longer."""
        recorded = self.recorded
        recorded.seen_gasp_at = max(one.at, recorded.seen_gasp_at or one.at)
        if one.device_time and self._wakeup_clock and one.device_time < self._wakeup_clock:
            recorded.void_gasp_at = one.at
        elif one.at != recorded.void_gasp_at:
            recorded.gasp_at = max(one.at, recorded.gasp_at or one.at)

    def _pass(self, begin: datetime, end: datetime, *, is_message: bool) -> None:
        """Nothing happens behind ``begin`` and before ``end`` but that deadlines pass."""
        computed = self._note(begin, is_message=is_message)
        if computed.due_at is None:
            return
        for deadline in self._deadlines(computed.due_at):
            if begin <= deadline < end:
                self._note(deadline, is_message=False)

    def _deadlines(self, due_at: datetime) -> list[datetime]:
        """When it is late and when it is unreachable; this is not known while it is our side."""
        lost = lost_at(self._facts(), due_at, self._timing)
        return [due_at + self._timing.margin, *([lost] if lost else [])]

    def _note(self, at: datetime, *, is_message: bool) -> ComputedStatus:
        computed = self._status(at)
        self.recorded.change(at, computed.status or "", self._reason(computed, is_message=is_message))
        return computed

    def _reason(self, computed: ComputedStatus, *, is_message: bool) -> ChangeReason:
        """At the end of a time out of service the status is that of the facts; the operator's is the reason."""
        if self.recorded.status == Status.OUT_OF_SERVICE or computed.status not in _BY_MESSAGES:
            return ChangeReason.OPERATOR
        if computed.status == Status.REACHABLE:
            return ChangeReason.MESSAGE if is_message else ChangeReason.OPERATOR
        return ChangeReason.LAST_GASP if computed.reason == StatusReason.POWER else ChangeReason.SILENCE

    def _status(self, at: datetime) -> ComputedStatus:
        return status_of(self._facts(), at + JUST_AFTER, self._timing)

    def _facts(self) -> Facts:
        rule, recorded = self._rule, self.recorded
        return Facts(
            rule.since,
            rule.silent_from,
            rule.period,
            recorded.wakeup_at,
            recorded.gasp_at,
            rule.lost_due_at,
            self._outs,
        )

    def _look_ahead(self, until: datetime) -> None:
        """When the status changes next without a message, and from when on a filter has to look at it."""
        recorded, computed = self.recorded, self._status(until)
        turns = [instant for out in self._outs for instant in out if instant > until]
        looks = list(turns)
        if computed.due_at is not None:
            turns += [deadline for deadline in self._deadlines(computed.due_at) if deadline >= until]
            looks.append(computed.due_at)
            if recorded.status in _OVERDUE:
                looks.append(min(recorded.status_at, until))
        recorded.next_at, recorded.look_at = min(turns, default=None), min(looks, default=None)
        recorded.is_heard = self._facts().heard_at is not None
