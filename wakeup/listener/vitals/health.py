"""Is a listener alive, and can it store what comes (OPS-2)?"""

from __future__ import annotations

from collections.abc import Callable

from smmeplus.common.vitals.http import Page
from smmeplus.common.vitals.pages import health_page
from wakeup.listener.writers.intake import Intake
from wakeup.models import ListenerRun

SEEN_LATELY_S = ListenerRun.SILENT_AFTER.total_seconds()


class Health:
    """A listener is ready while it listens and its database has lately taken a write, at least the heartbeat's."""

    def __init__(self, intake: Intake, clock: Callable[[], float], warning: Callable[[], str] = str) -> None:
        """``warning``: what needs somebody although the listener is ready; empty if nothing does."""
        self.is_stopping = False
        self._warning = warning
        self._intake = intake
        self._clock = clock

    @property
    def problem(self) -> str:
        """Why the listener is not ready, in words; empty when it is."""
        database = self._intake.database
        if self.is_stopping:
            return "the listener is stopping"
        if self._intake.is_stuck:
            return "a writer makes no progress"
        if database.away_since is not None:
            return f"the database has been away for {self._clock() - database.away_since:.0f} s: {database.error}"
        if database.seen_at is None or self._clock() - database.seen_at > SEEN_LATELY_S:
            return "the database has taken no write lately"
        return ""

    def page(self) -> Page:
        return health_page(self.problem, self._warning())
