#!/bin/sh
# gurux_dlms sends every request with the invoke-id 1; the switch that should raise it, and the property, do nothing.
#
# Versions:  gurux_dlms 1.0.203 (Python).
# Guess:     with autoIncreaseInvokeID = True each request has the next invoke-id, modulo 16; without it, the client's
#            invokeID can be set by hand. Either way an answer that comes late is told from the one that is due.
# Behaviour: both write settings.invokeID, while requests are made from settings.invokeId, another attribute, which stays
#            1. Reading client.invokeID back gives 1 as well. A device must not count on seeing a retry by its invoke-id.
# Seen:      raised by the switch: c1 c1 c1
#            set to 5:             c1, read back as 1
# Fails if the library behaves otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install gurux_dlms==1.0.203
"$folder/venv/bin/python" - <<'EOF'
from importlib.metadata import version

from gurux_dlms import GXDLMSClient
from gurux_dlms.enums import InterfaceType
from gurux_dlms.objects import GXDLMSData

print("gurux_dlms", version("gurux_dlms"))
client = GXDLMSClient(True, 1, 1, interfaceType=InterfaceType.WRAPPER)
client.autoIncreaseInvokeID = True
client.aarqRequest()


def invoke_id_and_priority():
    (frame,) = client.read(GXDLMSData("0.0.96.1.0.255"), 2)
    apdu = bytes(frame)[8:]
    assert apdu[:2] == b"\xc0\x01", "it is no GetRequestNormal"
    return apdu[2]


raised = [invoke_id_and_priority() for _ in range(3)]
print("raised by the switch:", *(f"{octet:02x}" for octet in raised))
assert raised == [0xC1] * 3, "the switch works"
client.invokeID = 5
by_hand = invoke_id_and_priority()
print(f"set to 5:             {by_hand:02x}, read back as {client.invokeID}")
assert (by_hand, client.invokeID) == (0xC1, 1), "the property works"
print("as found")
EOF
