#!/bin/sh
# gurux_dlms takes an AARE that rejects the association for one that accepts it, if its diagnostic is null.
#
# Versions:  gurux_dlms 1.0.203 (Python).
# Guess:     the result (A2) of the AARE decides: 0 is accepted, 1 and 2 are rejected. The diagnostic (A3) only says why,
#            and null (0) or no-reason-given (1) are the two ways to say nothing.
# Behaviour: parseAareResponse() raises an error only where the diagnostic is not 0. A result of 1 or 2 with the
#            diagnostic 0 passes in silence, and the state becomes "DLMS connected"; the program goes on to its requests.
#            A device that wants its rejection to be understood has to send no-reason-given.
# Seen:      rejected, no reason given: GXDLMSException: Connection is permanently rejected / No reason is given.
#            rejected, null:            no error, connected: True
#            rejected for now, null:    no error, connected: True
# Fails if the library behaves otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install gurux_dlms==1.0.203
"$folder/venv/bin/python" - <<'EOF'
from importlib.metadata import version

from gurux_dlms import GXByteBuffer, GXDLMSClient, GXDLMSException, GXReplyData
from gurux_dlms.ConnectionState import ConnectionState
from gurux_dlms.enums import InterfaceType

AARE = "6117a109060760857405080101a2030201{result}a305a1030201{diagnostic}"


def associate(result, diagnostic):
    apdu = bytes.fromhex(AARE.format(result=result, diagnostic=diagnostic))
    frame = bytes.fromhex("000100010001") + len(apdu).to_bytes(2, "big") + apdu
    client = GXDLMSClient(True, 1, 1, interfaceType=InterfaceType.WRAPPER)
    client.aarqRequest()
    reply = GXReplyData()
    client.getData(GXByteBuffer(frame), reply, GXReplyData())
    try:
        client.parseAareResponse(reply.data)
    except GXDLMSException as error:
        return "GXDLMSException: " + " / ".join(str(error).split("\r\n"))
    return f"no error, connected: {bool(client.settings.connected & ConnectionState.DLMS)}"


print("gurux_dlms", version("gurux_dlms"))
with_reason, null, for_now = associate("01", "01"), associate("01", "00"), associate("02", "00")
print("rejected, no reason given:", with_reason)
print("rejected, null:           ", null)
print("rejected for now, null:   ", for_now)
assert with_reason == "GXDLMSException: Connection is permanently rejected / No reason is given."
assert null == for_now == "no error, connected: True", "it minds the rejection"
print("as found")
EOF
