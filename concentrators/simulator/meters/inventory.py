"""The places of simulated meters: a company's concentrators in field (SIM-2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from concentrators.models import Concentrator, State
from concentrators.simulator.faults import Faults, Rule, faults_of
from concentrators.simulator.meters.chance import chance
from concentrators.simulator.meters.layout import MOST_METERS, Place

_NUMBERS: Final = 99_999
_USUAL: Final = 90  # meters where the inventory knows of no customers


def places(company_id: int, silent_since: Mapping[str, datetime]) -> list[Place]:
    """By serial number. About as many meters as the inventory has customers; numbers begin again behind 99,999."""
    in_field = Concentrator.objects.filter(company=company_id, state=State.IN_FIELD).order_by("serial_number")
    return [
        Place(key % _NUMBERS + 1, serial, substation, _meters(serial, customers), silent_since.get(serial))
        for key, serial, substation, customers in in_field.values_list("pk", "serial_number", "substation", "customers")
    ]


def _meters(serial: str, customers: int) -> int:
    """The inventory is never quite right."""
    share = 0.92 + 0.1 * chance(serial, "meters")
    return min(round((customers or _USUAL) * share), MOST_METERS)


def faults_in_field(company_id: int, rules: Sequence[Rule]) -> dict[str, Faults]:
    """What a scenario says of the company's concentrators in field, by serial number; empty if it says nothing."""
    if not rules:
        return {}
    in_field = Concentrator.objects.filter(company=company_id, state=State.IN_FIELD)
    return {
        serial: faults_of(serial, feeder, rules) for serial, feeder in in_field.values_list("serial_number", "feeder")
    }
