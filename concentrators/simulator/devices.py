"""Simulated concentrators that can be written (SIM-2): a DLMS server each, and they do what stands in their memory.

A device is independent of the inventory: it keeps what was written into it when it is given another profile there, or
is removed. Only a SET changes it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, cast

from concentrators.configuration.values import PUSH_SETUP_CLASS, identities
from concentrators.models import Concentrator, ConcentratorType, ConfigurationValue, Parameter
from concentrators.simulator.addresses import loopback_source
from concentrators.simulator.behaviour import Profile
from concentrators.simulator.inventory import MINUTE, Installation
from smmeplus.dlms import data as d
from smmeplus.dlms.access.attributes import Attribute, logical_name
from smmeplus.dlms.access.server import Item, Server
from smmeplus.dlms.access.values import (
    DESTINATION,
    RANDOM_START,
    RETRIES,
    RETRY_DELAY,
    TCP,
    UDP,
    VALUE,
    decode_destination,
    encode_destination,
    push_destination,
)
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.kinds import DATA_CLASS

IDLE_S: Final = 60.0
Memory = dict[Attribute, Item]


@dataclass(frozen=True)
class Places:
    """Where the parameters stand in a device of one type."""

    destination: Attribute
    random_start: Attribute
    retries: Attribute
    retry_delay: Attribute
    last_gasp: Attribute
    period: Attribute

    @classmethod
    def of(cls, of_type: ConcentratorType) -> Places:
        push, gasp = logical_name(of_type.push_setup), logical_name(of_type.last_gasp_setup)
        return cls(
            destination=Attribute(PUSH_SETUP_CLASS, push, DESTINATION),
            random_start=Attribute(PUSH_SETUP_CLASS, push, RANDOM_START),
            retries=Attribute(PUSH_SETUP_CLASS, push, RETRIES),
            retry_delay=Attribute(PUSH_SETUP_CLASS, push, RETRY_DELAY),
            last_gasp=Attribute(PUSH_SETUP_CLASS, gasp, DESTINATION),
            period=Attribute(DATA_CLASS, logical_name(of_type.period_object), VALUE),
        )


class Device:
    """One concentrator. ``known`` is what it is known to hold, as texts by parameter; the rest is as from the factory.

    ``password`` is what it asks for; None asks for none.
    """

    def __init__(
        self, serial: str, of_type: ConcentratorType, known: Mapping[str, str], password: bytes | None = None
    ) -> None:
        self.serial = serial
        self.password = password
        self.places = Places.of(of_type)
        name: d.Data = (d.OCTET_STRING, serial.encode())
        self.memory: Memory = {attribute: Item(name) for attribute in identities(of_type)}
        self.memory |= {place: Item(value, can_write=True) for place, value in _values(self.places, known).items()}

    @property
    def profile(self) -> Profile:
        """What it does, by what stands in it. Without a destination it sends nothing."""
        minutes = self.memory[self.places.period].value[1]
        is_on = bool(minutes and self._has_address(self.places.destination))
        return Profile(minutes * MINUTE if is_on else None, last_gasp=self._has_address(self.places.last_gasp))

    def _has_address(self, place: Attribute) -> bool:
        return bool(decode_destination(self.memory[place].value).destination)


def _values(places: Places, known: Mapping[str, str]) -> dict[Attribute, d.Data]:
    return {
        places.destination: _destination(TCP, known.get(Parameter.DESTINATION, "")),
        places.random_start: (d.LONG_UNSIGNED, _number(known, Parameter.RANDOM_START, 0)),
        places.retries: (d.UNSIGNED, _number(known, Parameter.RETRIES, 0)),
        places.retry_delay: (d.LONG_UNSIGNED, _number(known, Parameter.RETRY_DELAY, 60)),
        places.last_gasp: _destination(UDP, known.get(Parameter.LAST_GASP, "").removeprefix("UDP ")),
        places.period: (d.LONG_UNSIGNED, _number(known, Parameter.PERIOD, 0)),
    }


def _destination(transport: int, text: str) -> d.Data:
    return encode_destination(push_destination(transport, "", 0)._replace(destination=text.encode()))


def _number(known: Mapping[str, str], parameter: Parameter, factory: int) -> int:
    text = known.get(parameter, "")
    return int(text) if text.isdecimal() else factory


@dataclass(frozen=True)
class Place:
    """Where a device is: its installation, and the port of its server."""

    installation: Installation
    port: int
    device: Device


def devices_of(company_id: int) -> list[Place]:
    """All concentrators of the company, in field or not, each holding what was last read back from it."""
    known: dict[int, dict[str, str]] = {}
    values = ConfigurationValue.objects.filter(configuration__concentrator__company=company_id)
    for key, parameter, read_back in values.values_list("configuration_id", "parameter", "read_back"):
        known.setdefault(key, {})[parameter] = read_back
    found = Concentrator.objects.filter(company=company_id).select_related("type").order_by("serial_number")
    return [_place(one, known.get(one.pk, {})) for one in found]


def _place(one: Concentrator, known: Mapping[str, str]) -> Place:
    device = Device(one.serial_number, one.type, known)
    source = loopback_source(one.pk, one.management_ip)
    return Place(Installation(one.serial_number, device.profile, source), one.management_port, device)


class Devices:
    """The servers of a fleet. ``changed`` is told the serial number and what it does now, whenever one was written."""

    def __init__(self, changed: Callable[[str, Profile], None], say: Callable[[str], None]) -> None:
        self._changed = changed
        self._say = say
        self._devices: dict[str, Device] = {}
        self._servers: dict[str, asyncio.Server] = {}

    async def settle(self, places: Iterable[Place]) -> list[Installation]:
        """Open a server for each newcomer; all installations, as written."""
        places = list(places)
        for place in places:
            if place.device.serial not in self._devices:
                self._devices[place.device.serial] = place.device
                await self._open(place)
        return self.as_written([place.installation for place in places])

    def as_written(self, installations: Iterable[Installation]) -> list[Installation]:
        """Each with what its device does by its own memory, if it has one."""
        devices = self._devices
        return [
            replace(one, profile=devices[one.serial].profile) if one.serial in devices else one for one in installations
        ]

    def close(self) -> None:
        for server in self._servers.values():
            server.close()

    async def _open(self, place: Place) -> None:
        loop = asyncio.get_running_loop()
        host, device = place.installation.source, place.device
        try:
            server = await loop.create_server(lambda: Line(device, self._changed), host, place.port)
        except OSError as error:
            self._say(f"{device.serial}: {host}:{place.port} cannot be listened on: {error.strerror}")
        else:
            self._servers[device.serial] = server


class Line(asyncio.Protocol):
    """A connection to ``device``; one that is idle, or sends what is no frame, is closed."""

    def __init__(self, device: Device, changed: Callable[[str, Profile], None]) -> None:
        self.device = device
        self._changed = changed
        self.server = Server(device.memory, password=device.password)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._idle = asyncio.get_running_loop().call_later(IDLE_S, self.transport.abort)

    def data_received(self, data: bytes) -> None:
        before = self.device.profile
        try:
            self.transport.write(self.server.receive(data))
        except FrameError:
            self.transport.abort()
        if self.device.profile != before:
            self._changed(self.device.serial, self.device.profile)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        self._idle.cancel()
