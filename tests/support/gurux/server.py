"""A concentrator of type CERCO1 made of gurux_dlms' server: ``SERIAL PASSWORD``, on a port that it prints.

As it is installed, the server of 1.0.203 associates with nobody, reads nothing and writes nothing: it calls what is not
there. What is missing is put in here; the bytes are its own. A refusal it does not bring out either.
"""
# ruff: noqa: N802, N803, N815 - the names are the library's

from __future__ import annotations

import json
import socketserver
import sys
from typing import Any

from gurux_dlms import GXDLMSServer, ValueEventArgs
from gurux_dlms.enums import (
    AccessMode,
    Authentication,
    Conformance,
    DataType,
    InterfaceType,
    MethodAccessMode,
    SourceDiagnostic,
)
from gurux_dlms.GXDLMSLNParameters import GXDLMSLNParameters
from gurux_dlms.GXServerReply import GXServerReply
from gurux_dlms.objects import GXDLMSAssociationLogicalName, GXDLMSData, GXDLMSPushSetup

_PIECE = 4_096
_IDENTITY, _PERIOD = "0.0.96.1.0.255", "0.0.94.39.58.255"
_PUSH, _LAST_GASP = "0.1.25.9.0.255", "0.4.25.9.0.255"
_NAME = 1


ValueEventArgs.__iter__ = lambda one: iter([one])  # list(one) is taken of it before each write
GXDLMSLNParameters.isMultipleBlocks = lambda one: one.multipleBlocks
GXDLMSLNParameters.setStatus = lambda one, status: setattr(one, "status", status)


class Reply(GXServerReply):  # type: ignore[misc]
    """With what the server calls, and its own class for replies does not have."""

    def setReply(self, reply: Any) -> None:
        self.reply = reply

    def getConnectionInfo(self) -> Any:
        return self.connectionInfo


class Concentrator(GXDLMSServer):  # type: ignore[misc]
    """One association at a time, with ``password`` or, if that is empty, without security."""

    def __init__(self, serial: str, password: str) -> None:
        super().__init__(True, InterfaceType.WRAPPER)
        self.settings.maxServerPDUSize = 1024  # the property for it calls itself without end
        self.conformance = (
            Conformance.GET
            | Conformance.SET
            | Conformance.BLOCK_TRANSFER_WITH_GET_OR_READ
            | Conformance.BLOCK_TRANSFER_WITH_SET_OR_WRITE
        )
        self.password = password
        identity, period = GXDLMSData(_IDENTITY), GXDLMSData(_PERIOD)
        identity.value = serial.encode()
        identity.setDataType(2, DataType.OCTET_STRING)
        period.value = 0
        period.setDataType(2, DataType.UINT16)
        push, gasp = GXDLMSPushSetup(_PUSH), GXDLMSPushSetup(_LAST_GASP)
        push.version = gasp.version = 0
        push.destination = gasp.destination = ""
        gasp.service = 1  # UDP
        push.repetitionDelay = 60
        association = GXDLMSAssociationLogicalName()
        for one in (identity, period, push, gasp):
            association.objectList.append(one)  # an empty one is filled with a list of lists, which raises a TypeError
            self.items.append(one)
        self.items.append(association)
        self.initialize()

    def isTarget(self, serverAddress: int, clientAddress: int) -> bool:
        return True

    def onValidateAuthentication(self, authentication: Authentication, password: Any) -> SourceDiagnostic:
        if authentication == (Authentication.LOW if self.password else Authentication.NONE):
            is_right = not self.password or bytes(password).decode() == self.password
            return SourceDiagnostic.NONE if is_right else SourceDiagnostic.AUTHENTICATION_FAILURE
        return SourceDiagnostic.AUTHENTICATION_MECHANISM_NAME_REQUIRED

    def onGetAttributeAccess(self, arg: Any) -> AccessMode:
        is_fixed = arg.index == _NAME or arg.target.name == _IDENTITY
        return AccessMode.READ if is_fixed else AccessMode.READ_WRITE

    def onGetMethodAccess(self, arg: Any) -> MethodAccessMode:
        return MethodAccessMode.NO_ACCESS

    def onFindObject(self, objectType: Any, sn: int, ln: str) -> None:
        return None

    def _nothing(self, *_arguments: Any) -> None:
        pass

    def getTransaction(self) -> Any:
        return self.transaction

    def setTransaction(self, transaction: Any) -> None:
        self.transaction = transaction

    notifyRead = notifyConnected = _nothing  # called, and not there
    onConnected = onDisconnected = onInvalidConnection = _nothing
    onPreRead = onPostRead = onPreWrite = onPostWrite = onPreAction = onPostAction = onPreGet = onPostGet = _nothing


class Line(socketserver.BaseRequestHandler):
    concentrator: Concentrator

    def handle(self) -> None:
        self.concentrator.reset()
        while data := self.request.recv(_PIECE):
            reply = Reply(data)
            self.concentrator.handleRequest(reply)
            if reply.reply:
                self.request.sendall(bytes(reply.reply))


def main() -> None:
    Line.concentrator = Concentrator(*sys.argv[1:])
    with socketserver.TCPServer(("127.0.0.1", 0), Line) as server:
        print(json.dumps(server.server_address[1]), flush=True)  # noqa: T201
        server.serve_forever()


if __name__ == "__main__":
    main()
