"""Simulated concentrators that can be written (SIM-2): a DLMS server each, and they do what stands in their memory.

A device is independent of the inventory: it keeps what was written into it when it is given another profile there, or
is removed. Only a SET changes it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, cast

from concentrators.configuration.values import PUSH_SETUP_CLASS, identities
from concentrators.keys.encryption import NoKeyError, decrypted
from concentrators.models import Concentrator, ConcentratorType, ConfigurationValue, ManagementPassword, Parameter
from concentrators.simulator.addresses import is_loopback, loopback_source
from concentrators.simulator.behaviour import Address, Profile
from concentrators.simulator.ciphering.inventory import cipherings_of
from concentrators.simulator.ciphering.pushes import Ciphering
from concentrators.simulator.faults import Faults, Rule, faults_of
from concentrators.simulator.inventory import MINUTE, Installation
from concentrators.simulator.power_log import PowerLog, by_the_clock
from smmeplus.common.networks import parse_port
from smmeplus.dlms import data as d
from smmeplus.dlms.access.attributes import Attribute, logical_name
from smmeplus.dlms.access.server import Item
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
from smmeplus.dlms.kinds import DATA_CLASS

_MOST_MINUTES: Final = 250
NO_FAULTS: Final = Faults()
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

    def of_parameter(self, parameter: Parameter) -> Attribute:
        return cast("Attribute", getattr(self, parameter.value.replace(" ", "_")))


class Device:
    """One concentrator. ``known`` is what it is known to hold, as texts by parameter; the rest is as from the factory.

    ``password`` is what it asks for; None asks for none. With ``ciphering`` it is configured by its keys, too. ``now``
    is the true time.
    """

    def __init__(
        self,
        serial: str,
        of_type: ConcentratorType,
        known: Mapping[str, str],
        password: bytes | None = None,
        faults: Faults = NO_FAULTS,
        now: Callable[[], datetime] = by_the_clock,
        ciphering: Ciphering | None = None,
    ) -> None:
        self.serial = serial
        self.password = password
        self.ciphering = ciphering
        self.faults = faults
        self.requests = 0
        self.is_on = True
        self.places = Places.of(of_type)
        name: d.Data = (d.OCTET_STRING, (faults.poses or serial).encode())
        self.memory: Memory = {attribute: Item(name) for attribute in identities(of_type)}
        self.memory |= {place: Item(value, can_write=True) for place, value in _values(self.places, known).items()}
        self.log = _log_of(of_type, faults, now)
        self.memory |= {attribute: Item((d.NULL, None)) for attribute in (self.log.attributes if self.log else ())}

    @property
    def profile(self) -> Profile:
        """What it does, by what stands in it. Without a destination it sends nothing."""
        minutes = self.memory[self.places.period].value[1]
        to, gasp_to = self._octets(self.places.destination), self._octets(self.places.last_gasp)
        silent = Profile(None, last_gasp=bool(gasp_to), last_gasp_to=_here(gasp_to))
        if not minutes or not to:
            return silent
        return replace(
            silent,
            period=minutes * MINUTE,
            retries=self.memory[self.places.retries].value[1],
            retry_interval=float(_delay_in(self.memory[self.places.retry_delay].value)),
            random_start=float(self.memory[self.places.random_start].value[1]),
            destination=_here(to),
        )

    def drift(self) -> None:
        """Its period is another one all of a sudden."""
        item = self.memory[self.places.period]
        tag, minutes = item.value
        item.value = tag, minutes % _MOST_MINUTES + 1

    def _octets(self, place: Attribute) -> bytes:
        return decode_destination(self.memory[place].value).destination


def _log_of(of_type: ConcentratorType, faults: Faults, now: Callable[[], datetime]) -> PowerLog | None:
    if not of_type.power_log_object:
        return None
    clock_off = timedelta(seconds=faults.clock)
    return PowerLog(logical_name(of_type.power_log_object), now, clock_off, forgets=faults.forgets_log)


def _here(destination: bytes) -> Address | None:
    """A destination on this machine; None for any other, for which the listener stands that the fleet is told of."""
    host, _colon, port = destination.decode("ascii", "replace").rpartition(":")
    try:
        return (host, parse_port(port)) if is_loopback(host) else None
    except ValueError:
        return None


def _delay_in(value: d.Data) -> int:
    """The least delay, where there are several."""
    tag, content = value
    return int(content[0][1] if tag == d.STRUCTURE else content)


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


def devices_of(company_id: int, rules: Sequence[Rule] = ()) -> list[Place]:
    """All concentrators of the company but canaries, in field or not, each holding what was last read back from it.

    A concentrator whose password is in the inventory asks for it, and one whose keys are there knows them.
    """
    known: dict[int, dict[str, str]] = {}
    values = ConfigurationValue.objects.filter(configuration__concentrator__company=company_id)
    for key, parameter, read_back in values.values_list("configuration_id", "parameter", "read_back"):
        known.setdefault(key, {})[parameter] = read_back
    found = (
        Concentrator.objects.of_the_field().filter(company=company_id).select_related("type").order_by("serial_number")
    )
    passwords, cipherings = _passwords(company_id), cipherings_of(company_id)
    return [_place(one, known.get(one.pk, {}), passwords.get(one.pk), cipherings.get(one.pk), rules) for one in found]


def _passwords(company_id: int) -> dict[int, bytes]:
    """Where no key decrypts it, nobody knows the password."""
    passwords = {}
    for one in ManagementPassword.objects.filter(concentrator__company=company_id):
        try:
            passwords[one.pk] = decrypted(one.encrypted)
        except NoKeyError:
            passwords[one.pk] = secrets.token_bytes()
    return passwords


def _place(
    one: Concentrator,
    known: Mapping[str, str],
    password: bytes | None,
    ciphering: Ciphering | None,
    rules: Sequence[Rule],
) -> Place:
    faults = faults_of(one.serial_number, one.feeder, rules)
    device = Device(one.serial_number, one.type, known, password, faults, ciphering=ciphering)
    source = loopback_source(one.pk, one.management_ip)
    installation = Installation(one.serial_number, device.profile, source, one.feeder, faults.clock, ciphering)
    return Place(installation, one.management_port, device)
