#!/bin/sh
# dlms-cosem writes a DataNotification's date-time behind 01 where its length, 0C, is due; its own reader does not mind.
#
# Versions:  dlms-cosem 25.1.0.
# Guess:     a DataNotification that is read and written again is the same bytes (Green Book: date-time is an OCTET STRING,
#            so its length stands before it, as in the frame that is read).
# Behaviour: the length 0C becomes 01, as if it were the presence octet of an EventNotification, and the day of the week
#            becomes FF. from_bytes() takes any octet but 00 for "12 bytes follow", so reading it back hides that. A reader
#            that goes by the length takes one byte for the time and the rest for the body.
# Seen:      read:    0f 40000009 0c 07ea030e06080f0000ffc400 …
#            written: 0f 40000009 01 07ea030eff080f0000ffc400 …
# Fails if the library behaves otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install dlms-cosem==25.1.0
"$folder/venv/bin/python" - <<'EOF'
from importlib.metadata import version

from dlms_cosem.protocol.xdlms import DataNotification

BODY = "0202" + "0904" + b"DEV1".hex() + "0906" + "0001190900ff"
READ = "0f40000009" + "0c" + "07ea030e06080f0000ffc400" + BODY
print("dlms-cosem", version("dlms-cosem"))
notification = DataNotification.from_bytes(bytes.fromhex(READ))
written = notification.to_bytes().hex()
print("read:   ", READ)
print("written:", written)
assert written == "0f40000009" + "01" + "07ea030eff080f0000ffc400" + BODY, "it writes something else"
assert DataNotification.from_bytes(bytes.fromhex(written)).date_time == notification.date_time
print("as found")
EOF
