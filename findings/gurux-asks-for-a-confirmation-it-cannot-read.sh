#!/bin/sh
# gurux_dlms asks for a confirmation of every DataNotification, and raises an error when the confirmation comes.
#
# Versions:  gurux_dlms 1.0.203 (Python).
# Guess:     GXDLMSNotify makes unconfirmed notifications unless it is told otherwise; or, since it asks for a confirmation
#            (bit 30 of the long-invoke-id-and-priority), GXDLMSClient understands the DataNotificationConfirm (10).
# Behaviour: the first octet of the long-invoke-id-and-priority is C0: high priority, confirmed. The library's own reader
#            of replies does not know the command 10. A device simulated with it has to read the answer by itself.
# Seen:      sent:     0f c0000001 00 …
#            answer:   10 c0000001 00 -> ValueError: Invalid Command.
# Fails if the library behaves otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install gurux_dlms==1.0.203
"$folder/venv/bin/python" - <<'EOF'
from importlib.metadata import version

from gurux_dlms import GXByteBuffer, GXDLMSClient, GXDLMSNotify, GXReplyData
from gurux_dlms.enums import InterfaceType

print("gurux_dlms", version("gurux_dlms"))
body = GXByteBuffer(bytes.fromhex("0202" + "0904" + b"DEV1".hex() + "0906" + "0001190900ff"))
(frame,) = GXDLMSNotify(True, 1, 1, InterfaceType.WRAPPER).generateDataNotificationMessages(None, body)
apdu = bytes(frame)[8:]
print("sent:  ", apdu.hex())
assert apdu[0] == 0x0F and apdu[1] == 0xC0, "it asks for something else"
answer = bytes.fromhex("0001000100010006") + b"\x10" + apdu[1:5] + b"\x00"
client = GXDLMSClient(True, 1, 1, interfaceType=InterfaceType.WRAPPER)
try:
    client.getData(GXByteBuffer(answer), GXReplyData(), GXReplyData())
except ValueError as error:
    print("answer:", answer[8:].hex(), "->", f"ValueError: {error}")
    assert str(error) == "Invalid Command."
else:
    raise SystemExit("it reads the confirmation")
print("as found")
EOF
