"""Simulated devices in a thread that see who writes them, and writers in processes of their own."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

from concentrators.simulator.devices import Device
from concentrators.simulator.serving import Line
from smmeplus.dlms.access.coding.requests import SET_REQUEST
from smmeplus.dlms.framing.wrapper import HEADER_SIZE
from tests import ROOT
from tests.support.listener import database_url

Address = tuple[str, int]


@dataclass
class Watch:
    """What has been seen so far, and which device is at each address."""

    devices: dict[Address, Device]
    loop: asyncio.AbstractEventLoop
    requests: int = 0
    sets: int = 0
    #: The serial numbers of devices that were written over two connections at a time.
    at_once: list[str] = field(default_factory=list)
    #: Who was written at an address of which another one was written before.
    strangers: list[tuple[str, str]] = field(default_factory=list)
    lines: dict[Address, set[WatchedLine]] = field(default_factory=dict)
    waits: list[tuple[int, threading.Event]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.owners = {address: device.serial for address, device in self.devices.items()}

    def swap(self, one: Address, other: Address) -> None:
        """Let two devices change their addresses; their connections break."""
        self.loop.call_soon_threadsafe(self._swap, one, other)

    def _swap(self, one: Address, other: Address) -> None:
        self.devices[one], self.devices[other] = self.devices[other], self.devices[one]
        for line in [*self.lines.get(one, ()), *self.lines.get(other, ())]:
            line.transport.abort()

    def after(self, requests: int) -> threading.Event:
        """What is set when so many more requests have come in."""
        event = threading.Event()
        self.waits.append((self.requests + requests, event))
        return event

    def note(self, line: WatchedLine, data: bytes) -> None:
        self.requests += 1
        for count, event in self.waits:
            if self.requests >= count:
                event.set()
        if data[HEADER_SIZE] != SET_REQUEST:
            return
        self.sets += 1
        serial = line.device.serial
        if any(other.device is line.device for lines in self.lines.values() for other in lines - {line}):
            self.at_once.append(serial)
        if self.owners[line.address] != serial:
            self.strangers.append((self.owners[line.address], serial))


class WatchedLine(Line):
    def __init__(self, watch: Watch, address: Address) -> None:
        super().__init__(watch.devices[address], lambda _serial, _profile: None)
        self.watch = watch
        self.address = address

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.watch.lines.setdefault(self.address, set()).add(self)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.watch.lines[self.address].discard(self)

    def data_received(self, data: bytes) -> None:
        self.watch.note(self, data)
        super().data_received(data)


@contextmanager
def watched(sockets: Mapping[socket.socket, Device]) -> Iterator[Watch]:
    """Serve the devices at ``sockets`` in a thread."""
    loop = asyncio.new_event_loop()
    watch = Watch({sock.getsockname(): device for sock, device in sockets.items()}, loop)
    loop.run_until_complete(_serve(loop, list(sockets), watch))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield watch
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        for lines in watch.lines.values():
            for line in lines:
                line.transport.abort()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        for sock in sockets:
            sock.close()


async def _serve(loop: asyncio.AbstractEventLoop, sockets: list[socket.socket], watch: Watch) -> None:
    for sock in sockets:
        await loop.create_server(partial(WatchedLine, watch, sock.getsockname()), sock=sock)


@contextmanager
def writing(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`manage.py writeconfigurations` in a process that works now, and is killed on leaving if it has not ended."""
    environment = os.environ | {"DATABASE_URL": database_url(), "WRITER_NETWORKS": "127.0.0.0/8"}
    command = [sys.executable, "manage.py", "writeconfigurations", *arguments]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    try:
        assert any("configuration writer" in line for line in process.stderr)
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        process.wait()
        process.stderr.close()
