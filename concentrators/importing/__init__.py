"""Installation files: reading, checking and writing them (CON-5).

``check(source, company)`` reads a CSV or XLSX file into a ``Plan`` and writes nothing;
``write(plan, company=…, user=…, now=…)`` does what the plan says in one transaction. Where a user looks at the
check before he confirms it, ``check_and_pack`` and ``check_again`` stand for the first, so that the file is read
once.
"""

from concentrators.importing.checking import check, check_again, check_and_pack
from concentrators.importing.columns import COLUMN_NAMES
from concentrators.importing.errors import InventoryChanged, RowError, RowsRejected, UnreadableFile
from concentrators.importing.plan import Counts, Plan, Tally
from concentrators.importing.writing import Outcome, write

__all__ = [
    "COLUMN_NAMES",
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
