"""The shape in which messages reach the tables."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from smmeplus.dlms.kinds import Kind


class MessageRow(NamedTuple):
    """A message of a known concentrator, ready to be stored and counted. Times are aware."""

    concentrator_id: int
    kind: Kind
    received_at: datetime
    device_time: datetime | None
    source_ip: str
    port: int
    format: int
    day: date  # the reporting day of received_at, cut in the zone in force (REP-5)
