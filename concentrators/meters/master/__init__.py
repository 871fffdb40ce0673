"""The master file of meters: what ought to be there, by whoever bought and installed it (MET-2)."""

from concentrators.meters.master.reading import MasterRow, read_master
from concentrators.meters.master.steps import Master, Step
from concentrators.meters.master.writing import compare, write

__all__ = ["Master", "MasterRow", "Step", "compare", "read_master", "write"]
