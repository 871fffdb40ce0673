"""What follows from the changes of status, in its order: outages, incidents, alarms and notifications (STA-5, STA-9).

Each is done in transactions of its own, with what the one before has committed. Whatever stops it, the next pass goes
on where this one came to.
"""

from __future__ import annotations

from datetime import datetime

from wakeup.monitoring.incidents.keeping import keep_incidents
from wakeup.monitoring.outages.recording import record_outages


def follow(now: datetime) -> int:
    """One pass at ``now``; return how many things were done."""
    return record_outages(now) + keep_incidents(now)
