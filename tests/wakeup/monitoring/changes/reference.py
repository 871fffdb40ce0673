"""The changes of a status as a child would find them: minute by minute, counting how long it has been silent.

All happens at whole minutes, as do deadlines (margin 1 minute, tail 4), so nothing can change between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

MARGIN, TAIL = 1, 4


class Happening(NamedTuple):
    """``what`` at some minute: install, remove, modify, write, out, back, wakeup, gasp, stale gasp.

    ``number`` is the period of the profile (0: disabled), or the minutes out of service from ``begin`` on.
    """

    what: str
    number: int = 0
    begin: int = 0


class Told(NamedTuple):
    minute: int
    from_status: str
    to_status: str
    reason: str


@dataclass
class Reference:
    """One concentrator."""

    in_field: bool = False
    assigned: int = 0
    period: int = 0
    is_written: bool = False
    heard: bool = False
    power: bool = False
    lost: bool = False
    silence: int = 0
    outs: list[tuple[int, int]] = field(default_factory=list)
    status: str = ""
    changes: list[Told] = field(default_factory=list)

    def live(self, happenings: Mapping[int, Happening], minutes: int) -> Sequence[Told]:
        for minute in range(minutes):
            happened = happenings.get(minute)
            if happened:
                getattr(self, happened.what.replace(" ", "_"))(minute, happened)
            self._note(minute, happened)
            if self.period and not self._is_out(minute):
                self.silence += 1
        return self.changes

    def install(self, _minute: int, happened: Happening) -> None:
        self.in_field, self.assigned, self.is_written = True, happened.number, False
        self._enable(happened.number)

    def remove(self, _minute: int, _happened: Happening) -> None:
        self.in_field = False

    def modify(self, _minute: int, happened: Happening) -> None:
        self.assigned = happened.number
        if not self.is_written and self.assigned != self.period:
            self._set(self.assigned)

    def write(self, _minute: int, _happened: Happening) -> None:
        self.is_written = True
        self._set(self.assigned)

    def wakeup(self, _minute: int, _happened: Happening) -> None:
        self.heard, self.power, self.lost, self.silence = True, False, False, 0

    def gasp(self, _minute: int, _happened: Happening) -> None:
        self.power = True

    def stale_gasp(self, _minute: int, _happened: Happening) -> None:
        """Sent before the last wake-up: it says nothing."""

    def out(self, minute: int, happened: Happening) -> None:
        self.outs.append((max(minute, happened.begin), happened.begin + happened.number))

    def back(self, minute: int, _happened: Happening) -> None:
        self.outs = [(begin, minute if begin <= minute < end else end) for begin, end in self.outs]

    def _set(self, period: int) -> None:
        if not period:
            self.period, self.lost = 0, False
        elif not self.period:
            self._enable(period)
        else:
            self.lost = self.lost or self.silence > self.period + TAIL
            self.period, self.silence = period, 0

    def _enable(self, period: int) -> None:
        self.period, self.heard, self.power, self.lost, self.silence = period, False, False, False, 0

    def _is_out(self, minute: int) -> bool:
        return any(begin <= minute < end for begin, end in self.outs)

    def _now(self, minute: int) -> str:
        if not self.in_field:
            return ""
        if self._is_out(minute):
            return "out of service"
        if not self.period:
            return "disabled"
        if self.power or self.lost or self.silence >= self.period + TAIL:
            return "unreachable"
        if not self.heard:
            return "never called"
        return "late" if self.silence >= self.period + MARGIN else "reachable"

    def _note(self, minute: int, happened: Happening | None) -> None:
        now = self._now(minute)
        if now == self.status:
            return
        reason = "operator"
        if now == "reachable" and happened and happened.what == "wakeup" and self.status != "out of service":
            reason = "message"
        elif now in {"late", "unreachable"} and self.status != "out of service":
            reason = "last gasp" if self.power else "silence"
        self.changes.append(Told(minute, self.status, now, reason))
        self.status = now
