"""What follows from the changes of status, in its order: outages, incidents, alarms and notifications (STA-5, STA-9).

Conflicts of meters that time alone changes are looked at, too (MET-5).

Each is done in transactions of its own, with what the one before has committed. Whatever stops it, the next pass goes
on where this one came to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from django.db import Error

from concentrators.meters.conflicts.reviewing import review
from wakeup.monitoring.alarms.raising import raise_alarms
from wakeup.monitoring.incidents.keeping import keep_incidents
from wakeup.monitoring.notifications.feed.publishing import publish_events
from wakeup.monitoring.notifications.queueing import queue_notifications
from wakeup.monitoring.outages.recording import record_outages

Step = Callable[[datetime], int]
STEPS: Final[Sequence[Step]] = (
    record_outages,
    keep_incidents,
    raise_alarms,
    queue_notifications,
    review,
    publish_events,
)


def follow(now: datetime, steps: Sequence[Step] = STEPS) -> int:
    """One pass at ``now``; return how many things were done.

    A step that fails keeps none of the others from its work: what it raised comes out together, after the last of them.
    Only an error of the database ends the pass at once.
    """
    done, errors = 0, list[Exception]()
    for step in steps:
        try:
            done += step(now)
        except Error:
            raise
        except Exception as error:
            errors.append(error)
    if errors:
        raise ExceptionGroup("after a change of status", errors)
    return done
