"""Lists of meters become sightings, changes and numbers (MET-1, MET-3, MET-8).

Whoever changes meters by another way, as the master file does, keeps to the same order: :func:`hold_meters`, then the
change within :func:`tallied`, with :func:`recount` for concentrators whose lists have these meters
(:func:`concentrators_of`); and :func:`store_waiting` for concentrators whose lists have had one with a new MAC.
"""

from concentrators.meters.storing.counts import concentrators_of, rebuild, recount
from concentrators.meters.storing.holding import hold_meters
from concentrators.meters.storing.previewing import Previewed, PreviewedRow, preview_list
from concentrators.meters.storing.taking import Stored, store_list, store_waiting
from concentrators.meters.storing.tally import tallied

__all__ = [
    "Previewed",
    "PreviewedRow",
    "Stored",
    "concentrators_of",
    "hold_meters",
    "preview_list",
    "rebuild",
    "recount",
    "store_list",
    "store_waiting",
    "tallied",
]
