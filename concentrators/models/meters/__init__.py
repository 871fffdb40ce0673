"""Meters and what concentrators say of them (MET-1)."""

from concentrators.models.meters.conflicts import ConflictKind, Decision, MeterConflict, Preference, Reopened
from concentrators.models.meters.counts import ConcentratorMeters, MeterAvailability, MeterTally, Repeater
from concentrators.models.meters.files import MeterFile, MeterFileRow, MeterRowKind
from concentrators.models.meters.inventory import METER_NAME, Meter, MeterKind
from concentrators.models.meters.lists import ListOutcome, MeterList, MeterSource
from concentrators.models.meters.sightings import Changed, MeterState, Sighting, SightingChange

__all__ = [
    "METER_NAME",
    "Changed",
    "ConcentratorMeters",
    "ConflictKind",
    "Decision",
    "ListOutcome",
    "Meter",
    "MeterAvailability",
    "MeterConflict",
    "MeterFile",
    "MeterFileRow",
    "MeterKind",
    "MeterList",
    "MeterRowKind",
    "MeterSource",
    "MeterState",
    "MeterTally",
    "Preference",
    "Reopened",
    "Repeater",
    "Sighting",
    "SightingChange",
]
