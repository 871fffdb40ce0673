"""Messages and their counters (LIS-1, REP-2, REP-3), what belongs to no concentrator of ours (LIS-6), listeners."""

from wakeup.models.alarms import Alarm, AlarmKind, Priority
from wakeup.models.changes import ChangeReason, StatusChange, WatchProgress
from wakeup.models.counters import ClosedDay, DailyCount, WakeupTotal
from wakeup.models.deliveries import BodyFormat, Delivery, DeliveryState, Receiver, ReceiverKind, Tells
from wakeup.models.feed import FeedEvent, FeedProgress
from wakeup.models.incidents import CauseClass, DeskProgress, Incident, IncidentNote, IncidentScope, NoteKind
from wakeup.models.listeners import ListenerRun
from wakeup.models.messages import Format, Message
from wakeup.models.minutes import MinuteCount
from wakeup.models.outages import Outage, Quality
from wakeup.models.retention import Retention
from wakeup.models.strays import StrayFrame, StrayReason
from wakeup.models.surplus import SurplusCount
from wakeup.models.verdicts import VerdictSpan
from wakeup.models.zones import CountingZone

__all__ = [
    "Alarm",
    "AlarmKind",
    "BodyFormat",
    "CauseClass",
    "ChangeReason",
    "ClosedDay",
    "CountingZone",
    "DailyCount",
    "Delivery",
    "DeliveryState",
    "DeskProgress",
    "FeedEvent",
    "FeedProgress",
    "Format",
    "Incident",
    "IncidentNote",
    "IncidentScope",
    "ListenerRun",
    "Message",
    "MinuteCount",
    "NoteKind",
    "Outage",
    "Priority",
    "Quality",
    "Receiver",
    "ReceiverKind",
    "Retention",
    "StatusChange",
    "StrayFrame",
    "StrayReason",
    "SurplusCount",
    "Tells",
    "VerdictSpan",
    "WakeupTotal",
    "WatchProgress",
]
