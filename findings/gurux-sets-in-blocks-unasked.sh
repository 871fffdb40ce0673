#!/bin/sh
# gurux_dlms sends a long SET in blocks to a device that has not granted block-transfer-with-set-or-write.
#
# Versions:  gurux_dlms 1.0.203 (Python).
# Guess:     the negotiated conformance rules: without its bit 12, a SET longer than the negotiated PDU size cannot be
#            sent, and write() raises an error.
# Behaviour: write() looks at the PDU size and at general-block-transfer, never at bit 12, and gives a
#            SetRequestWithFirstDataBlock (c1 02) and a SetRequestWithDataBlock (c1 03). The client itself reports the
#            service as not granted. A device that grants no such blocks has to answer them all the same.
# Seen:      granted: get, set, block-transfer-with-get; PDU size 64; block-transfer-with-set: False
#            sent:    c1 02, 64 bytes
#            sent:    c1 03, 46 bytes
# Fails if the library behaves otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install gurux_dlms==1.0.203
"$folder/venv/bin/python" - <<'EOF'
from importlib.metadata import version

from gurux_dlms import GXByteBuffer, GXDLMSClient, GXReplyData
from gurux_dlms.enums import Conformance, DataType, InterfaceType
from gurux_dlms.objects import GXDLMSData

GET_SET_AND_GET_IN_BLOCKS, SIZE_64 = "00001018", "0040"
AARE = "6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f04{conformance}{size}0007"

print("gurux_dlms", version("gurux_dlms"))
apdu = bytes.fromhex(AARE.format(conformance=GET_SET_AND_GET_IN_BLOCKS, size=SIZE_64))
client = GXDLMSClient(True, 1, 1, interfaceType=InterfaceType.WRAPPER)
client.aarqRequest()
reply = GXReplyData()
frame = bytes.fromhex("000100010001") + len(apdu).to_bytes(2, "big") + apdu
client.getData(GXByteBuffer(frame), reply, GXReplyData())
client.parseAareResponse(reply.data)
granted = client.negotiatedConformance
assert granted == Conformance.GET | Conformance.SET | Conformance.BLOCK_TRANSFER_WITH_GET_OR_READ
in_blocks = bool(granted & Conformance.BLOCK_TRANSFER_WITH_SET_OR_WRITE)
print(
    f"granted: get, set, block-transfer-with-get; PDU size {client.maxReceivePDUSize};"
    f" block-transfer-with-set: {in_blocks}"
)
data = GXDLMSData("0.0.96.1.0.255")
data.setDataType(2, DataType.OCTET_STRING)
data.value = bytes(80)
sent = [bytes(frame)[8:] for frame in client.write(data, 2)]
for apdu in sent:
    print(f"sent:    {apdu[:2].hex(' ')}, {len(apdu)} bytes")
assert not in_blocks
assert [(apdu[:2].hex(), len(apdu)) for apdu in sent] == [("c102", 64), ("c103", 46)], "it sends something else"
print("as found")
EOF
