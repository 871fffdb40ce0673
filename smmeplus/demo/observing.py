"""What the demo's watcher saw in the past: listeners, verdicts, minutes and changes of status (STA-3, STA-4)."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta

from wakeup.models import ListenerRun, VerdictSpan
from wakeup.monitoring.arrivals.counting import LONGEST, count_minutes
from wakeup.monitoring.changes.watcher import watch
from wakeup.monitoring.verdicts.judging import judge


class Observer:
    """``port`` is that of the listener, which runs from ``begin`` on."""

    def __init__(self, port: int, begin: datetime) -> None:
        self._port = port
        self._run = self._started(begin)

    def listener_stopped(self, at: datetime) -> None:
        ListenerRun.objects.filter(pk=self._run.pk).update(seen_at=at, ended_at=at)

    def listener_started(self, at: datetime) -> None:
        self._run = self._started(at)

    def judge(self, at: datetime) -> None:
        """The verdict at ``at``, until when all was judged each minute as before."""
        ListenerRun.objects.filter(pk=self._run.pk, ended_at=None).update(seen_at=at)
        VerdictSpan.objects.filter(ended_at=None).update(judged_at=at)
        judge(at)

    def finish(self, now: datetime) -> None:
        """Count the minutes of the last day, and record all changes of status."""
        count_minutes(now - LONGEST + timedelta(minutes=1))
        count_minutes(now)
        watch(now)
        self.listener_stopped(now)

    def _started(self, at: datetime) -> ListenerRun:
        return ListenerRun.objects.create(
            host=socket.gethostname(),
            process_id=os.getpid(),
            address="127.0.0.1",
            port=self._port,
            started_at=at,
            seen_at=at,
        )
