"""An incident with members, as operators find it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine

from concentrators.models import Company
from tests.factories import IncidentFactory, OutageFactory
from wakeup.models import Incident, Outage

NOON = datetime(2026, 2, 25, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def outage(incident: Incident, serial: str, *, back: bool = False, **values: Any) -> Outage:
    """Of a concentrator of 100 customers; one that is ``back`` was dark for five minutes."""
    place = {"concentrator__serial_number": serial, "company": incident.company}
    times: dict[str, Any] = {"began_at": incident.began_at}
    if back:
        times |= {"ended_at": incident.began_at + 5 * MINUTE, "ended_by": "boot", "quality": "measured"}
    made: Outage = OutageFactory.create(incident=incident, **place, **(times | values))
    return made


def incident_of(company: Company | None, *serials: str, back: int = 0, **values: Any) -> Incident:
    """With an outage for each of ``serials``, of which the first ``back`` are over."""
    values = {"began_at": NOON - 10 * MINUTE, "members": len(serials), "dark": len(serials) - back} | values
    with time_machine.travel(NOON - 9 * MINUTE, tick=False):  # which its history says
        made: Incident = IncidentFactory.create(company=company, customers=100 * len(serials), **values)
    for number, serial in enumerate(serials):
        outage(made, serial, back=number < back)
    return made
