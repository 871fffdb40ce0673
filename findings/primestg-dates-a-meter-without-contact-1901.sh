#!/bin/sh
# primestg reads a meter of an S24 list that has had no contact as one last heard in 1901, and the hour that clocks show
# twice as one moment.
#
# Version:   primestg 1.68.0.
# Guess:     an empty Date comes out as None or an empty text, and of 2:30 in summer and 2:30 in winter the first is the
#            earlier one.
# Behaviour: the empty Date is 1901-01-01 00:00:00, a time like any other: "last contact" sorts and compares with it. The
#            season letter is cut off the time and stands beside it, so the two half past twos are the same text; whoever
#            keeps the time alone has the older contact as new as the other.
# Seen:      2026-10-25 02:30:00 S
#            2026-10-25 02:30:00 W
#            1901-01-01 00:00:00
# Fails if it behaves otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install primestg==1.68.0
cat > "$folder/list" <<'EOF'
<Report IdRpt="S24" IdPet="0" Version="3.1.c"><Cnc Id="ZZZ0000000001"><S24 Fh="20261025030000000W">
<Meter MeterId="ZZZ9900000001" ComStatus="2" Date="20261025023000000S" Active="Y"/>
<Meter MeterId="ZZZ9900000002" ComStatus="2" Date="20261025023000000W" Active="Y"/>
<Meter MeterId="ZZZ9900000003" ComStatus="0" Date="" Active="N"/>
</S24></Cnc></Report>
EOF
"$folder/venv/bin/python" - "$folder/list" <<'EOF'
import sys
from importlib.metadata import version

from primestg.report import Report

print("primestg", version("primestg"))
with open(sys.argv[1], "rb") as file:
    (concentrator,) = Report(file).concentrators
(parameter,) = concentrator.parameters
found = [(meter["timestamp"], meter["season"]) for meter in parameter.values["meters"]]
for moment, season in found:
    print(moment, season)
twice = "2026-10-25 02:30:00"
assert found == [(twice, "S"), (twice, "W"), ("1901-01-01 00:00:00", "")], "it behaves otherwise"
print("as found")
EOF
