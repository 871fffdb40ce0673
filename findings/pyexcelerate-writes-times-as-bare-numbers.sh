#!/bin/sh
# PyExcelerate writes a date-time of a sheet's data as a bare number, which nothing marks as a time.
#
# Versions:  PyExcelerate 0.13.0, openpyxl 3.1.5 (Python).
# Guess:     a datetime in new_sheet(data=…) becomes a date cell, as with every other writer, and as this library itself
#            does where a cell is set by set_cell_value.
# Behaviour: the cell has the serial number of the day and no style. A reader sees 46082.5 and cannot know that it is a
#            time; as text of a column of texts it looks like a measured value.
# Seen:      data=…          46082.5 General
#            set_cell_value  2026-03-01 12:00:00 yyyy-mm-dd
# Fails if the library behaves otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install PyExcelerate==0.13.0 openpyxl==3.1.5
cd "$folder"
venv/bin/python - <<'EOF'
from datetime import datetime
from importlib.metadata import version

import openpyxl
from pyexcelerate import Workbook

print("PyExcelerate", version("PyExcelerate"))
book = Workbook()
book.new_sheet("Data", data=[["at"], [datetime(2026, 3, 1, 12)]])
book.new_sheet("Cells").set_cell_value(1, 1, datetime(2026, 3, 1, 12))
book.save("out.xlsx")
sheets = openpyxl.load_workbook("out.xlsx")
cell, single = sheets["Data"]["A2"], sheets["Cells"]["A1"]
print("data=…         ", cell.value, cell.number_format)
print("set_cell_value ", single.value, single.number_format)
assert not cell.is_date, "it writes a date cell"
assert single.is_date, "a single cell is no date either"
assert cell.value == 46082.5, "it writes something else"
print("as found")
EOF
