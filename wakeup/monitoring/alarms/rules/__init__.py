"""Which alarms should stand (STA-9): pure functions of what is known at a moment, without a database."""

from wakeup.monitoring.alarms.rules.deciding import Desk, Dues, alarms_due
from wakeup.monitoring.alarms.rules.due import ACT_WITHIN, Due, Limits

__all__ = ["ACT_WITHIN", "Desk", "Due", "Dues", "Limits", "alarms_due"]
