#!/bin/sh
# The server half of gurux_dlms cannot be started nor asked as it is installed: three of its own parts do not fit together.
#
# Versions:  gurux_dlms 1.0.203 (Python).
# Guess:     subclass GXDLMSServer, add objects, call initialize() and handleRequest(), as the vendor's examples in other
#            languages do: a device to test clients against, in an afternoon.
# Behaviour: initialize() fills an association's empty object list with a list that holds a list, and stops at it; the
#            property for the longest APDU calls itself; handleRequest() asks its own GXServerReply for methods that the
#            class does not have. A bench or a test that takes it for a peer has to mend all three first.
# Seen:      initialize() with an empty object list: TypeError
#            maxReceivePDUSize: RecursionError
#            methods that the server calls and GXServerReply lacks: getConnectionInfo getCount setCount setReply
# Fails if the library behaves otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install gurux_dlms==1.0.203
"$folder/venv/bin/python" - <<'EOF'
import inspect
import re
from importlib.metadata import version

from gurux_dlms import GXDLMSServer
from gurux_dlms.enums import InterfaceType
from gurux_dlms.GXServerReply import GXServerReply
from gurux_dlms.objects import GXDLMSAssociationLogicalName, GXDLMSData

print("gurux_dlms", version("gurux_dlms"))


class Device(GXDLMSServer):
    """One Data object and an association, as any server has them."""


def raised(work):
    try:
        work()
    except Exception as error:
        return type(error).__name__
    return "nothing"


device = Device(True, InterfaceType.WRAPPER)
device.items.append(GXDLMSData("0.0.96.1.0.255"))
device.items.append(GXDLMSAssociationLogicalName())
started = raised(device.initialize)
print("initialize() with an empty object list:", started)
assert started in ("TypeError", "AttributeError"), "it starts"
asked = raised(lambda: device.maxReceivePDUSize)
print("maxReceivePDUSize:", asked)
assert asked == "RecursionError", "the property works"
called = set(re.findall(r"\bsr\.(\w+)\(", inspect.getsource(GXDLMSServer)))
missing = sorted(name for name in called if not hasattr(GXServerReply, name))
print("methods that the server calls and GXServerReply lacks:", *missing)
assert {"setReply", "getConnectionInfo"} <= set(missing), "they are there"
print("as found")
EOF
