"""Which meters the list of a concentrator has, and what it says of them (MET-3): S24 and spreadsheets."""

from __future__ import annotations

from typing import Final

from concentrators.meters.lists import ReceivedList
from concentrators.meters.storing.batch import Batch
from concentrators.meters.storing.checking import Checked
from concentrators.meters.storing.known import Known, newcomers
from concentrators.meters.storing.telling import leave, list_it
from concentrators.models.meters import MeterSource

#: The sources that say which meters are there. Of the others, nothing makes a sighting.
OF_MEMBERS: Final = (MeterSource.S24, MeterSource.CSV)


def take_members(batch: Batch, received: ReceivedList, checked: Checked) -> list[Known]:
    """Tell the sightings, make those that are new, and return these. A whole list lets the others leave.

    A meter whose row nobody could read is named nevertheless: it does not leave.
    """
    new = newcomers(batch.place.company_id, {row.name for row in checked.rows.values()} - batch.known.keys(), batch.at)
    batch.known |= new
    for row in checked.rows.values():
        list_it(batch.known[row.name], row, batch.at)
    batch.listed |= {row.name for row in checked.rows.values()}
    if received.whole:
        for known in batch.known.values():
            if known.in_list and known.name not in checked.named:
                leave(known, batch.at)
    return list(new.values())
