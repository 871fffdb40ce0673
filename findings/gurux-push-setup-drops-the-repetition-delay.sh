#!/bin/sh
# gurux_dlms writes a repetition delay of 0 for the 60 that was set, and cannot read the 60 of a device.
#
# Versions:  gurux_dlms 1.0.203 (Python).
# Guess:     a GXDLMSPushSetup that is made by hand is of version 0, or goes by what it is given: repetitionDelay = 60 is
#            written as the long-unsigned 12 003c, and the answer 12 003c is read into repetitionDelay.
# Behaviour: the object is of version 2, where attribute 7 is a structure of three, kept in repetitionDelay2.
#            repetitionDelay takes any value and is ignored: the structure goes out with its zeros. The answer of a
#            device of version 0 or 1 is a TypeError. All is well after version = 0, or with the objects that
#            the association lists.
# Seen:      version: 2
#            written: 0203 120000 120000 120000
#            read:    12003c -> TypeError
#            with version 0: written 12003c, read 60
# Fails if the library behaves otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install gurux_dlms==1.0.203
"$folder/venv/bin/python" - <<'EOF'
from importlib.metadata import version

from gurux_dlms import GXByteBuffer, GXDLMSClient, GXReplyData
from gurux_dlms.enums import InterfaceType
from gurux_dlms.objects import GXDLMSPushSetup

ANSWER = bytes.fromhex("0001000100010007" + "c401c100" + "12003c")
HEADERS = 8 + 3 + 10  # the wrapper's; the SetRequestNormal's; the attribute's
client = GXDLMSClient(True, 1, 1, interfaceType=InterfaceType.WRAPPER)


def written(setup):
    setup.repetitionDelay = 60
    (frame,) = client.write(setup, 7)
    return bytes(frame)[HEADERS:].hex()


def read(setup):
    setup.repetitionDelay = None
    client.read(setup, 7)
    reply = GXReplyData()
    client.getData(GXByteBuffer(ANSWER), reply, GXReplyData())
    client.updateValue(setup, 7, reply.value)
    return setup.repetitionDelay


print("gurux_dlms", version("gurux_dlms"))
setup = GXDLMSPushSetup("0.7.25.9.0.255")
print("version:", setup.version)
assert setup.version == 2, "it is of another version"
zeros = written(setup)
print("written:", zeros)
assert zeros == "0203120000120000120000", "it writes something else"
try:
    read(setup)
except TypeError as error:
    print("read:    12003c -> TypeError:", error)
else:
    raise SystemExit("it reads a long-unsigned")
setup.version = 0
print(f"with version 0: written {written(setup)}, read {read(setup)}")
assert (written(setup), read(setup)) == ("12003c", 60)
print("as found")
EOF
