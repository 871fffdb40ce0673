"""Messages and their counters (LIS-1, REP-2, REP-3), what belongs to no concentrator of ours (LIS-6), listeners."""

from wakeup.models.changes import ChangeReason, StatusChange, WatchProgress
from wakeup.models.counters import DailyCount, WakeupTotal
from wakeup.models.listeners import ListenerRun
from wakeup.models.messages import Format, Message
from wakeup.models.minutes import MinuteCount
from wakeup.models.retention import Retention
from wakeup.models.strays import StrayFrame, StrayReason
from wakeup.models.surplus import SurplusCount
from wakeup.models.verdicts import VerdictSpan
from wakeup.models.zones import CountingZone

__all__ = [
    "ChangeReason",
    "CountingZone",
    "DailyCount",
    "Format",
    "ListenerRun",
    "Message",
    "MinuteCount",
    "Retention",
    "StatusChange",
    "StrayFrame",
    "StrayReason",
    "SurplusCount",
    "VerdictSpan",
    "WakeupTotal",
    "WatchProgress",
]
