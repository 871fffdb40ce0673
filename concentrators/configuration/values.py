"""What is to be written into a concentrator, by parameter, and how its values read as texts (CFG-2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from concentrators.models import ConcentratorType, Parameter
from profiles.models import SpontaneousProfile, SystemSettings
from smmeplus.dlms import data as d
from smmeplus.dlms.access.attributes import Attribute, logical_name
from smmeplus.dlms.access.values import (
    DESTINATION,
    RANDOM_START,
    RETRIES,
    RETRY_DELAY,
    TCP,
    UDP,
    VALUE,
    Content,
    decode_destination,
    push_destination,
    retry_delay,
)
from smmeplus.dlms.data import Data
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.kinds import DATA_CLASS

PUSH_SETUP_CLASS: Final = 40
#: The first wake-up comes at once after a restart (SIM-1).
NO_RANDOM_START: Final = 0
DISABLED: Final = 0  # the period of a wake-up that is disabled
_MOST_SHOWN: Final = 100  # characters
_TRANSPORTS: Final[Mapping[int, str]] = {TCP: "", UDP: "UDP "}


class Desired(NamedTuple):
    """One attribute: ``content`` for whatever type the device has, ``text`` for people.

    Of an ``optional`` one no more is wanted than that it does nothing, so a device need not have it.
    """

    parameter: Parameter
    attribute: Attribute
    content: Callable[[Data], Content]
    text: str
    optional: bool = False


def desired_values(
    profile: SpontaneousProfile, of_type: ConcentratorType, settings: SystemSettings
) -> tuple[Desired, ...]:
    """All that ``profile`` asks of a concentrator, in the order in which it is written."""
    push, gasp = of_type.push_setup, of_type.last_gasp_setup
    last_gasp = profile.last_gasp_ip if profile.last_gasp_enabled and profile.last_gasp_ip else ""
    period = profile.wakeup_period if profile.wakeup_enabled and profile.wakeup_period else DISABLED
    delay = settings.retry_interval_s
    return (
        _destination(Parameter.DESTINATION, push, TCP, profile.wakeup_ip, profile.wakeup_port),
        _number(Parameter.RANDOM_START, _of_push(push, RANDOM_START), NO_RANDOM_START),
        _number(Parameter.RETRIES, _of_push(push, RETRIES), settings.retry_count),
        Desired(Parameter.RETRY_DELAY, _of_push(push, RETRY_DELAY), lambda read: _delay(delay, read), str(delay)),
        _destination(Parameter.LAST_GASP, gasp, UDP, last_gasp, profile.wakeup_port),
        _number(Parameter.PERIOD, _period_of(of_type), period),
    )


def disabling_values(of_type: ConcentratorType) -> tuple[Desired, ...]:
    """What a removal asks of a concentrator whose procedure disables the wake-up first (PRC-1)."""
    return (_number(Parameter.PERIOD, _period_of(of_type), DISABLED),)


def identities(of_type: ConcentratorType) -> list[Attribute]:
    """The attributes that say who a device is, in turn: the second is asked where the first does not (CFG-3)."""
    names = (of_type.identity_object, of_type.device_name_object)
    return [Attribute(DATA_CLASS, logical_name(name), VALUE) for name in names]


def text_of(parameter: Parameter, value: Data) -> str:
    """``value`` as the page shows it: a number, an address with its port; else what the bytes are."""
    tag, content = value
    if parameter in (Parameter.DESTINATION, Parameter.LAST_GASP):
        return _address_in(value)[:_MOST_SHOWN]
    if tag == d.STRUCTURE and content and all(isinstance(part, int) for _type, part in content):
        parts = [part for _type, part in content]
        return str(parts[0]) if len(parts) == 3 and parts == [parts[0], 100, parts[0]] else str(parts)[:_MOST_SHOWN]
    return str(content)[:_MOST_SHOWN] if isinstance(content, int) else _bytes_of(value)


def _destination(parameter: Parameter, setup: str, transport: int, address: str, port: int) -> Desired:
    """Like the concentrator's own, but for the octets: the empty string switches a push off."""
    wanted = push_destination(transport, address, port)
    text = _TRANSPORTS[transport] + wanted.destination.decode() if address else ""
    return Desired(parameter, _of_push(setup, DESTINATION), lambda _read: wanted, text, optional=not address)


def _number(parameter: Parameter, attribute: Attribute, number: int) -> Desired:
    return Desired(parameter, attribute, lambda _read: number, str(number))


def _period_of(of_type: ConcentratorType) -> Attribute:
    return Attribute(DATA_CLASS, logical_name(of_type.period_object), VALUE)


def _of_push(setup: str, number: int) -> Attribute:
    return Attribute(PUSH_SETUP_CLASS, logical_name(setup), number)


def _delay(seconds: int, read: Data) -> Content:
    """A structure is what the attribute is from version 2 of the class on."""
    return retry_delay(seconds, version=2 if read[0] == d.STRUCTURE else 0)


def _address_in(value: Data) -> str:
    try:
        transport, octets, _message = decode_destination(value)
    except FrameError:
        return _bytes_of(value)
    if not octets:
        return ""
    text = octets.decode("ascii", "replace")
    # PostgreSQL takes no NUL, and a page shows no other control character either.
    shown = text if octets.isascii() and text.isprintable() else octets.hex().upper()
    return _TRANSPORTS.get(transport, f"transport {transport} ") + shown


def _bytes_of(value: Data) -> str:
    return d.encode(value).hex().upper()[:_MOST_SHOWN]
