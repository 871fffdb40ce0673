"""The master file of the fleet's meters: what ought to be where, as whoever installed them would write it (MET-2)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

from concentrators.simulator.meters.chance import chance
from concentrators.simulator.meters.layout import MadeMeter, Net

_UNKNOWN: Final = 0.01  # the share of meters that nobody has written down
_COLUMNS: Final = ("meter", "manufacturer", "type", "expected_concentrator", "supply_point")


def master_of(nets: Iterable[Net]) -> bytes:
    """A CSV file of the meters of ``nets`` where they belong; a few are missing."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(_COLUMNS)
    for net in nets:
        rows.writerows(_row(net, meter) for meter in net.meters if chance(meter.name, "master") >= _UNKNOWN)
    return written.getvalue().encode()


def _row(net: Net, meter: MadeMeter) -> tuple[str, ...]:
    point = "" if meter.is_supervisor else f"SP{meter.name[5:]}"
    return (meter.name, meter.maker, meter.model, net.place.serial, point)
