"""Installation files: reading, checking and writing them (CON-5).

``check(source, company)`` reads a CSV or XLSX file into a ``Plan``, whose rows are staged in the database, and writes
nothing else; ``write(plan, company=…, user=…, now=…)`` carries out the plan in one transaction, now or after somebody
has looked at it; ``forget`` deletes what was staged.
"""

from concentrators.importing.checking import check, forget
from concentrators.importing.columns import COLUMN_NAMES, READ_NAMES
from concentrators.importing.errors import InventoryChanged, RowError, RowsRejected, UnreadableFile
from concentrators.importing.plan import Counts, Plan
from concentrators.importing.writing import Outcome, write

__all__ = [
    "COLUMN_NAMES",
    "READ_NAMES",
    "Counts",
    "InventoryChanged",
    "Outcome",
    "Plan",
    "RowError",
    "RowsRejected",
    "UnreadableFile",
    "check",
    "forget",
    "write",
]
