"""How many wake-ups a concentrator should have sent: the other half of every count (CON-6, REP-7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from concentrators.models import Concentrator, State

NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Expectation:
    """A wake-up every ``period`` from ``since`` on, the time of installation (aware)."""

    since: datetime
    period: timedelta

    @classmethod
    def of(cls, concentrator: Concentrator) -> Expectation | None:
        """What ``concentrator`` should send by its profile; None when it is not in field or has wake-up disabled."""
        profile, since = concentrator.profile, concentrator.installed_at
        if concentrator.state != State.IN_FIELD or profile is None or since is None:
            return None
        if not profile.wakeup_enabled or not profile.wakeup_period:
            return None
        return cls(since, timedelta(minutes=profile.wakeup_period))

    def between(self, begin: datetime, end: datetime) -> int:
        """The number of wake-ups due at least from ``begin``, or ``since`` if that is later, until ``end`` (aware)."""
        return max(end - max(begin, self.since), NOTHING) // self.period
