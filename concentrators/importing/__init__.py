"""Installation files: reading, checking and writing them (CON-5).

``check(source, company)`` reads a CSV or XLSX file into a ``Plan`` and writes nothing;
``write(plan, company=…, user=…, now=…)`` carries out the plan in one transaction. When users look at the check before
they confirm it, ``check_and_pack`` and ``check_again`` take the place of ``check``, so that the file is read only once.
"""

from concentrators.importing.checking import check, check_again, check_and_pack
from concentrators.importing.columns import COLUMN_NAMES, READ_NAMES
from concentrators.importing.errors import InventoryChanged, RowError, RowsRejected, UnreadableFile
from concentrators.importing.plan import Counts, Plan, Tally
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
    "Tally",
    "UnreadableFile",
    "check",
    "check_again",
    "check_and_pack",
    "write",
]
