"""Installation files: reading, checking and writing them (CON-5).

``check(source, company)`` reads a CSV or XLSX file into a ``Plan`` and writes nothing;
``write(plan, company=…, user=…, now=…)`` does what the plan says in one transaction. Both pages and commands
use these two.
"""

from concentrators.importing.checking import check
from concentrators.importing.columns import COLUMN_NAMES
from concentrators.importing.errors import InventoryChanged, RowError, RowsRejected, UnreadableFile
from concentrators.importing.plan import Counts, Plan
from concentrators.importing.writing import Outcome, write

__all__ = [
    "COLUMN_NAMES",
    "Counts",
    "InventoryChanged",
    "Outcome",
    "Plan",
    "RowError",
    "RowsRejected",
    "UnreadableFile",
    "check",
    "write",
]
