"""Exports of lists: CSV, XLSX and JSON from one query, streamed with constant memory (REP-6).

A list declares the columns of its file as ``ExportColumn``. ``export`` makes the response, ``csv_blocks`` the bytes of
a CSV file for other uses. On PostgreSQL the database writes the lines of CSV and JSON (``copying``, PER-4), otherwise
Python does (``rendering``); both write the same bytes.
"""

from smmeplus.common.exporting.columns import (
    DASHES,
    FORMULA_STARTS,
    ComputedRows,
    ExportColumn,
    Rows,
    escape_formula,
    unescape_formula,
)
from smmeplus.common.exporting.files import FORMATS, csv_blocks, export
from smmeplus.common.exporting.rendering import sheet_cells, sheet_names
from smmeplus.common.exporting.streamed_sheet import Table, workbook_blocks

__all__ = [
    "DASHES",
    "FORMATS",
    "FORMULA_STARTS",
    "ComputedRows",
    "ExportColumn",
    "Rows",
    "Table",
    "csv_blocks",
    "escape_formula",
    "export",
    "sheet_cells",
    "sheet_names",
    "unescape_formula",
    "workbook_blocks",
]
