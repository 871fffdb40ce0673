"""Messages and their counters (LIS-1, REP-2, REP-3), and what belongs to no concentrator of ours (LIS-6)."""

from wakeup.models.counters import CountingZone, DailyCount, WakeupTotal
from wakeup.models.messages import Format, Message
from wakeup.models.strays import Reason, StrayFrame

__all__ = ["CountingZone", "DailyCount", "Format", "Message", "Reason", "StrayFrame", "WakeupTotal"]
