#!/bin/sh
# dlms-cosem reads a GetResponseNormal and cannot write it: to_bytes() is a TypeError, whatever the value.
#
# Versions:  dlms-cosem 25.1.0.
# Guess:     each APDU has from_bytes() and to_bytes(), one the inverse of the other, so a device or a test double can be
#            made of the library.
# Behaviour: to_bytes() appends the invoke-id-and-priority, which is bytes, as if it were a number. The library is used as
#            a client, which never writes this one APDU; its neighbour, the response with an error, comes back whole.
# Seen:      with a value:  c401c10012003c -> TypeError
#            with a value:  null-data -> TypeError
#            with an error: c401c10103 -> c401c10103
# Fails if the library behaves otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install dlms-cosem==25.1.0
"$folder/venv/bin/python" - <<'EOF'
from importlib.metadata import version

from dlms_cosem.protocol.xdlms import GetResponseNormal, GetResponseNormalWithError

VALUE, ERROR = "c401c10012003c", "c401c10103"
print("dlms-cosem", version("dlms-cosem"))
response = GetResponseNormal.from_bytes(bytes.fromhex(VALUE))
assert response.data.hex() == "12003c"
for answer in (response, GetResponseNormal(data=b"\x00")):
    try:
        answer.to_bytes()
    except TypeError as error:
        print("with a value: ", VALUE if answer is response else "null-data", "-> TypeError:", error)
    else:
        raise SystemExit("it writes the response")
written = GetResponseNormalWithError.from_bytes(bytes.fromhex(ERROR)).to_bytes().hex()
print("with an error:", ERROR, "->", written)
assert written == ERROR
print("as found")
EOF
