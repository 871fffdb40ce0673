"""Exports of what a list shows: CSV, XLSX and JSON out of one query, streamed with flat memory (REP-6).

A list says what its file holds by ``ExportColumn``; ``export`` makes the answer to a request of it and ``csv_blocks``
the bytes of a CSV file for elsewhere. On PostgreSQL the database writes the lines of CSV and JSON (``copying``, PER-4),
else Python does (``rendering``); both write the same.
"""

from smmeplus.common.exporting.columns import FORMULA_STARTS, ExportColumn, escape_formula, unescape_formula
from smmeplus.common.exporting.files import FORMATS, csv_blocks, export

__all__ = ["FORMATS", "FORMULA_STARTS", "ExportColumn", "csv_blocks", "escape_formula", "export", "unescape_formula"]
