"""What a concentrator's own log says of its power failures, for its page (STA-11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from concentrators.models import Concentrator, PowerFailure, PowerLog
from smmeplus.common.wording.durations import in_words

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ShownFailure:
    """``device_at`` is what the device's clock said, where that is another time; to the second, as it is shown."""

    ended_at: datetime
    duration: str
    device_at: datetime | None

    @classmethod
    def of(cls, one: PowerFailure) -> ShownFailure:
        is_other = one.device_at and abs(one.device_at - one.ended_at) >= timedelta(minutes=1)
        return cls(one.ended_at, in_words(timedelta(seconds=one.duration_s)), one.device_at if is_other else None)


@dataclass(frozen=True, slots=True)
class ShownPowerLog:
    """How reading it has gone, and its last entries, the latest first."""

    log: PowerLog
    failures: Sequence[ShownFailure]

    @classmethod
    def of(cls, one: Concentrator) -> ShownPowerLog | None:
        """None, and no query, for one that has not booted, and for one whose type keeps no log and never did."""
        log: PowerLog | None = getattr(one, "power_log", None)
        if log is None or not (one.type.power_log_object or log.read_at):
            return None
        rows = one.power_failures.order_by("-ended_at", "-pk")[:MOST_SHOWN]
        return cls(log, [ShownFailure.of(row) for row in rows])

    @property
    def has_other_times(self) -> bool:
        return any(one.device_at for one in self.failures)
