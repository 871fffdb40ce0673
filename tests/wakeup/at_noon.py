"""Noon in Chile, when the fixture ``noon`` has stopped the clock and ``one`` has been in field for two hours."""

from __future__ import annotations

from datetime import timedelta

from tests.reports.arrivals import utc

NOW = utc("2020-09-24 15:00")
HOUR = timedelta(hours=1)
SERIAL = "16CEC50610036665"
