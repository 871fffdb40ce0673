"""Serves simulated concentrators to whoever configures them, each at an address of its own (SIM-2)."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, cast

from concentrators.simulator.behaviour import Profile
from concentrators.simulator.devices import Device, Place
from concentrators.simulator.inventory import Installation
from smmeplus.dlms.access.attributes import Attribute
from smmeplus.dlms.access.ciphered_server import CipheredServer
from smmeplus.dlms.access.coding.initiate import WITH_SELECTIVE_ACCESS
from smmeplus.dlms.access.coding.requests import Selection
from smmeplus.dlms.access.coding.responses import GetResponse
from smmeplus.dlms.access.names import SUCCESS
from smmeplus.dlms.access.server import Item
from smmeplus.dlms.data import Data
from smmeplus.dlms.errors import FrameError

IDLE_S: Final = 60.0


class Devices:
    """The servers of a fleet. ``changed`` is told the serial number and what it does now, whenever one was written."""

    def __init__(self, changed: Callable[[str, Profile], None], say: Callable[[str], None]) -> None:
        self._changed = changed
        self._say = say
        self._devices: dict[str, Device] = {}
        self._servers: dict[str, asyncio.Server] = {}
        self._lines: dict[str, set[Line]] = {}

    async def settle(self, places: Iterable[Place]) -> list[Installation]:
        """Open a server for each newcomer; all installations, as written."""
        places = list(places)
        for place in places:
            if place.device.serial not in self._devices:
                self._devices[place.device.serial] = place.device
                await self._open(place)
        return self.as_written([place.installation for place in places])

    def as_written(self, installations: Iterable[Installation]) -> list[Installation]:
        """Each with what its device does by its own memory and keys, if it has one."""
        return [self._as_written(one) for one in installations]

    def _as_written(self, one: Installation) -> Installation:
        device = self._devices.get(one.serial)
        return replace(one, profile=device.profile, ciphering=device.ciphering) if device else one

    def reach(self, serial: str, is_reached: bool) -> None:
        """While it is not reached it takes no connections, and those that it has break."""
        if device := self._devices.get(serial):
            device.is_on = is_reached
            for line in () if is_reached else list(self._lines.get(serial, ())):
                line.transport.abort()

    def supply(self, serial: str, is_on: bool) -> None:
        """Its supply fails or is back, which it notes in its log."""
        device = self._devices.get(serial)
        if device and device.log:
            if is_on:
                device.log.restore_supply()
            else:
                device.log.lose_supply()

    def drift(self, serial: str) -> None:
        if device := self._devices.get(serial):
            device.drift()
            self._changed(serial, device.profile)

    def close(self) -> None:
        for server in self._servers.values():
            server.close()

    async def _open(self, place: Place) -> None:
        loop = asyncio.get_running_loop()
        host, device = place.installation.source, place.device
        try:
            lines = self._lines.setdefault(device.serial, set())
            server = await loop.create_server(lambda: Line(device, self._changed, lines), host, place.port)
        except OSError as error:
            self._say(f"{device.serial}: {host}:{place.port} cannot be listened on: {error.strerror}")
        else:
            self._servers[device.serial] = server


class DeviceServer(CipheredServer):
    """Does with a SET what the faults of ``device`` say. It knows the log, and parts of it."""

    def __init__(self, device: Device) -> None:
        # What nobody can know refuses everyone.
        password = secrets.token_bytes() if device.faults.refuses else device.password
        ciphering = None if device.faults.refuses else device.ciphering
        super().__init__(
            device.memory,
            password=password,
            services=WITH_SELECTIVE_ACCESS,
            security=ciphering.security if ciphering else None,
            ciphered_only=bool(ciphering and ciphering.ciphered_only),
        )
        self._device = device

    def get(self, attribute: Attribute, item: Item, selection: Selection | None) -> GetResponse:
        log = self._device.log
        value = log.value_of(attribute, selection) if log else None
        return GetResponse(SUCCESS, value) if value else super().get(attribute, item, selection)

    def write(self, attribute: Attribute, value: Data) -> int:
        faults = self._device.faults
        if faults.answers:
            return faults.answers
        if faults.forgets and attribute == self._device.places.of_parameter(faults.forgets):
            return SUCCESS
        return super().write(attribute, value)


class Line(asyncio.Protocol):
    """A connection to ``device``, among its other ``lines``; one that is idle, or sends what is no frame, is closed."""

    def __init__(self, device: Device, changed: Callable[[str, Profile], None], lines: set[Line] | None = None) -> None:
        self.device = device
        self._changed = changed
        self._lines = set() if lines is None else lines
        self.server = DeviceServer(device)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._lines.add(self)
        if not self.device.is_on:
            self.transport.abort()
        self._idle = asyncio.get_running_loop().call_later(IDLE_S, self.transport.abort)

    def data_received(self, data: bytes) -> None:
        self.device.requests += 1
        faults = self.device.faults
        if faults.drops and self.device.requests % faults.drops == 0:
            self.transport.abort()
        elif faults.slow:
            asyncio.get_running_loop().call_later(faults.slow, self._answer, data)
        else:
            self._answer(data)

    def _answer(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        before = self.device.profile
        try:
            self.transport.write(self.server.receive(data))
        except FrameError:
            self.transport.abort()
        if self.device.profile != before:
            self._changed(self.device.serial, self.device.profile)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        self._idle.cancel()
        self._lines.discard(self)
