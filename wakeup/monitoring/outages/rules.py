"""What an outage is by what began and ended it: pure functions (STA-5)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from smmeplus.dlms.kinds import Kind
from wakeup.models import CauseClass, Quality
from wakeup.models.verdicts import Cause

BOOT, KEEPALIVE = Kind.BOOT.word, Kind.KEEPALIVE.word
_BY_VERDICT = {Cause.OUR_SIDE: CauseClass.OUR_SIDE, Cause.CARRIER: CauseClass.COMMUNICATION}


class Beginning(NamedTuple):
    """When an outage began: not before ``earliest``, not after ``latest``, and most likely ``at``."""

    earliest: datetime
    latest: datetime
    at: datetime

    @classmethod
    def exactly(cls, at: datetime) -> Beginning:
        return cls(at, at, at)

    @classmethod
    def between(cls, earliest: datetime, latest: datetime) -> Beginning:
        return cls(earliest, latest, earliest + (latest - earliest) / 2)


def quality_of(*, is_announced: bool, ended_by: str) -> Quality:
    """``ended_by`` is the word of a kind of message, empty if none has ended it."""
    if ended_by != BOOT:
        return Quality.INFERRED
    return Quality.MEASURED if is_announced else Quality.RESTORED


def cause_of(*, is_announced: bool, ended_by: str, verdict: str | None) -> CauseClass:
    """A device that tells of its power knows best; then whose fault it was; then that it came back without a boot."""
    if is_announced or ended_by == BOOT:
        return CauseClass.POWER
    if verdict in _BY_VERDICT:
        return _BY_VERDICT[Cause(verdict)]
    return CauseClass.COMMUNICATION if ended_by else CauseClass.UNDECIDED


#: How long a datagram may be on its way. A clock that says more has been set meanwhile.
SLOWEST_GASP = timedelta(hours=3)


class Gasp(NamedTuple):
    """A last gasp, with the last wake-up before it; the clocks are those of the device, None if it says nothing."""

    received_at: datetime
    clock: datetime | None
    wakeup_at: datetime | None
    wakeup_clock: datetime | None

    @property
    def sent_at(self) -> datetime:
        """When it was received, unless it was sent before the last wake-up and overtaken by it."""
        if self.clock and self.wakeup_at and self.wakeup_clock and self.clock < self.wakeup_clock:
            sent = self.wakeup_at - (self.wakeup_clock - self.clock)
            if self.received_at - sent <= SLOWEST_GASP:
                return sent
        return self.received_at
