#!/bin/sh
# polars writes whole numbers into a workbook under a number format, so a serial number is shown with commas.
#
# Versions:  polars 1.35.2, xlsxwriter 3.2.9, openpyxl 3.1.5 (Python).
# Guess:     write_excel writes a column of whole numbers as pandas does: plain numbers under the format General.
# Behaviour: each cell is under #,##0;[Red]-#,##0 unless dtype_formats says otherwise. A sheet then shows 1,234,567,890 where the
#            frame has 1234567890. Whoever reads the file as people see it has to refuse that as a serial number, and may
#            take it as a count.
# Seen:      value 1234567890 number format #,##0;[Red]-#,##0
# Fails if the library behaves otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install polars==1.35.2 xlsxwriter==3.2.9 openpyxl==3.1.5
cd "$folder"
venv/bin/python - <<'EOF'
from importlib.metadata import version

import openpyxl
import polars

print("polars", version("polars"))
polars.DataFrame({"serial_number": [1234567890]}).write_excel("out.xlsx")
cell = openpyxl.load_workbook("out.xlsx").active["A2"]
print("value", cell.value, "number format", cell.number_format)
assert cell.value == 1234567890, "it writes something else"
assert cell.number_format.startswith("#,##0"), "it writes plain numbers"
print("as found")
EOF
