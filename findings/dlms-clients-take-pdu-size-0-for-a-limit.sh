#!/bin/sh
# A device that sets no limit to the PDU size (0) can be read with neither gurux_dlms nor dlms-cosem.
#
# Versions:  gurux_dlms 1.0.203 (Python); dlms-cosem 25.1.0.
# Guess:     server-max-receive-pdu-size 0 in an InitiateResponse is no limit (Green Book, 9.4.6.1), so the client may
#            send requests of any length.
# Behaviour: for the AARE that accepts the association, gurux_dlms raises an error that it is permanently rejected; it
#            does so for any size below 64. dlms-cosem associates and then refuses to send a request of 13 bytes, since
#            that is more than 0. A device without a limit had better name a large one.
# Seen:      gurux_dlms: GXDLMSException: Connection is permanently rejected / No reason is given.
#            dlms-cosem: ACCEPTED; LocalDlmsProtocolError: PDU size too big. Max PDU size for association is 0 bytes. …
# Fails if the libraries behave otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install gurux_dlms==1.0.203 dlms-cosem==25.1.0
"$folder/venv/bin/python" - <<'EOF'
import logging
from importlib.metadata import version

import structlog
from dlms_cosem import cosem, enumerations
from dlms_cosem.connection import DlmsConnection
from dlms_cosem.exceptions import LocalDlmsProtocolError
from dlms_cosem.protocol.xdlms import GetRequestNormal
from dlms_cosem.security import NoSecurityAuthentication
from gurux_dlms import GXByteBuffer, GXDLMSClient, GXDLMSException, GXReplyData
from gurux_dlms.enums import InterfaceType

AARE = "6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f0400001018{size}0007"


def with_gurux(apdu):
    client = GXDLMSClient(True, 1, 1, interfaceType=InterfaceType.WRAPPER)
    client.aarqRequest()
    reply = GXReplyData()
    frame = bytes.fromhex("000100010001") + len(apdu).to_bytes(2, "big") + apdu
    client.getData(GXByteBuffer(frame), reply, GXReplyData())
    try:
        client.parseAareResponse(reply.data)
    except GXDLMSException as error:
        return "GXDLMSException: " + " / ".join(str(error).split("\r\n"))
    return "associated"


def with_dlms_cosem(apdu):
    connection = DlmsConnection(client_system_title=b"ABC00001", authentication=NoSecurityAuthentication())
    connection.send(connection.get_aarq())
    connection.receive_data(apdu)
    result = connection.next_event().result.name
    data = enumerations.CosemInterface.DATA
    attribute = cosem.CosemAttribute(data, cosem.Obis.from_string("0.0.96.1.0.255"), 2)
    try:
        request = connection.send(GetRequestNormal(attribute))
    except LocalDlmsProtocolError as error:
        return f"{result}; LocalDlmsProtocolError: {error}"
    return f"{result}; request of {len(request)} bytes"


structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
print("gurux_dlms", version("gurux_dlms"), "dlms-cosem", version("dlms-cosem"))
no_limit, limit = (bytes.fromhex(AARE.format(size=size)) for size in ("0000", "0400"))
assert (with_gurux(limit), with_dlms_cosem(limit)) == ("associated", "ACCEPTED; request of 13 bytes")
gurux, dlms_cosem = with_gurux(no_limit), with_dlms_cosem(no_limit)
print("gurux_dlms:", gurux)
print("dlms-cosem:", dlms_cosem)
assert gurux == "GXDLMSException: Connection is permanently rejected / No reason is given."
assert dlms_cosem.startswith("ACCEPTED; LocalDlmsProtocolError: PDU size too big. Max PDU size for association is 0 ")
print("as found")
EOF
