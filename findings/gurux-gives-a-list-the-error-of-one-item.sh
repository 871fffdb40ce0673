#!/bin/sh
# gurux_dlms reports a whole GET of a list as failed where the device refuses one item of it.
#
# Versions:  gurux_dlms 1.0.203 (Python).
# Guess:     a get-response-with-list (C4 03) has a result for each item; where one of them is a data-access-result the
#            others are values, so the reply as a whole has no error.
# Behaviour: GXReplyData.error is the data-access-result of the refused item, and the values of the others stand beside
#            it. The usual check "if reply.error: raise" loses all of them: one object that a device does not have, and
#            nothing of it can be read by lists.
# Seen:      error 4 (object-undefined), values [100, None]
# Fails if the library behaves otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install gurux_dlms==1.0.203
"$folder/venv/bin/python" - <<'EOF'
from importlib.metadata import version

from gurux_dlms import GXByteBuffer, GXDLMSClient, GXReplyData
from gurux_dlms.enums import Conformance, InterfaceType
from gurux_dlms.objects import GXDLMSData

print("gurux_dlms", version("gurux_dlms"))
client = GXDLMSClient(True, 1, 1, interfaceType=InterfaceType.WRAPPER)
client.negotiatedConformance = Conformance.GET | Conformance.MULTIPLE_REFERENCES
client.readList([(GXDLMSData("0.0.94.39.58.255"), 2), (GXDLMSData("0.0.96.1.9.255"), 2)])
# Two results: long-unsigned 100, and object-undefined.
apdu = bytes.fromhex("c403c1" + "02" + "00120064" + "0104")
reply = GXReplyData()
client.getData(GXByteBuffer(bytes.fromhex("000100010001") + len(apdu).to_bytes(2, "big") + apdu), reply, GXReplyData())
print("error", int(reply.error), "values", reply.value)
assert reply.value == [100, None], "it reads other values"
assert reply.error == 4, "one refused item is no error of the whole"
print("as found")
EOF
