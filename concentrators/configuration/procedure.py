"""How one concentrator is written or read back, as steps of a conversation without a socket (CFG-2, CFG-3).

Who answers is asked before anything is written: a pool of addresses hands the same address to another device. Each
attribute is read first, so that it is written in the type that the device has, and only if it differs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.utils import timezone

from concentrators.configuration.values import Desired, text_of
from concentrators.models import Parameter
from smmeplus.dlms.access.attributes import Attribute
from smmeplus.dlms.access.ciphered_client import CipheredClient
from smmeplus.dlms.access.client import Client
from smmeplus.dlms.access.coding.initiate import WHAT_WE_USE, Conformance
from smmeplus.dlms.access.conversation import Steps
from smmeplus.dlms.access.errors import AccessError, NotKeptError
from smmeplus.dlms.access.names import OBJECT_UNDEFINED
from smmeplus.dlms.access.protection import Security
from smmeplus.dlms.access.values import serial_in_value, value_like
from smmeplus.dlms.data import Data
from smmeplus.dlms.errors import FrameError

_ABSENT: Final = ""  # what is shown of a parameter that the device does not have


class OtherDeviceError(FrameError):
    """The device at the address is another one; the message is its serial number."""


class NoIdentityError(FrameError):
    """The device answers, but not who it is."""


@dataclass
class Found:
    """What is known of the device so far, also if the conversation fails in the middle: texts by parameter.

    ``is_met`` says that it is the device that was looked for. ``sent_at`` is when the last SET was sent, by ``clock``:
    a device may send the wake-up that proves it before it has answered all that is asked then.
    """

    clock: Callable[[], datetime] = timezone.now
    before: dict[Parameter, str] = field(default_factory=dict)
    written: dict[Parameter, str] = field(default_factory=dict)
    read_back: dict[Parameter, str] = field(default_factory=dict)
    drifted: list[Parameter] = field(default_factory=list)
    sent_at: datetime | None = None
    is_met: bool = False


@dataclass(frozen=True)
class Target:
    """A device: who it must be, the attributes that say so, in turn, its password, and what it shall have.

    With ``security`` the association is by GMAC and ciphered; it may be used once, for its counters are.
    Without ``reads_lists`` each attribute is asked for alone, even if the device says that it knows lists.
    """

    serial: str
    identities: Sequence[Attribute]
    values: Sequence[Desired]
    password: bytes | None = field(default=None, repr=False)
    reads_lists: bool = True
    security: Security | None = None

    def client(self, proposes: Conformance = WHAT_WE_USE) -> Client:
        """For one association with it."""
        if self.security:
            return CipheredClient(self.security, reads_lists=self.reads_lists, proposes=proposes)
        return Client(self.password, reads_lists=self.reads_lists, proposes=proposes)


def write_all(target: Target, found: Found) -> Steps[None]:
    """Writes what differs and reads it back. Raises FrameError and its kinds; ``found`` tells how far it got."""
    client = target.client()
    yield from meet(client, target, found)
    read = yield from _read(client, target.values, found.before)
    # All of them before the first write: a device that cannot hold one value is not left half written.
    to_write = [
        (desired, value, value_like(value, desired.content(value))) for desired, value in read if value is not None
    ]
    for desired, value, wanted in to_write:
        if wanted != value:
            yield from _write(client, desired, wanted, found)
        else:
            found.read_back[desired.parameter] = found.before[desired.parameter]
    yield from part(client)


def read_all(target: Target, found: Found) -> Steps[None]:
    """Reads what the device has, writes nothing, and notes in ``found.drifted`` what is not as it shall be."""
    client = target.client()
    yield from meet(client, target, found)
    for desired, value in (yield from _read(client, target.values, found.read_back)):
        if value is not None and not _is_as_desired(desired, value):
            found.drifted.append(desired.parameter)
    yield from part(client)


def meet(client: Client, target: Target, found: Found) -> Steps[Conformance]:
    """Begin an association with the device of ``target``: its services. OtherDeviceError if another one answers."""
    response = yield from client.associate()
    serial = yield from _who_answers(client, target.identities)
    if serial != target.serial:
        raise OtherDeviceError(serial)
    found.is_met = True
    return response.conformance


def _who_answers(client: Client, identities: Sequence[Attribute]) -> Steps[str]:
    why = ""
    for attribute in identities:
        try:
            value = yield from client.read(attribute)
        except AccessError as error:
            why = str(error)
            continue
        try:
            return serial_in_value(value)
        except FrameError as error:
            why = f"{attribute}: {error}"
    raise NoIdentityError(why)


def _read(
    client: Client, values: Sequence[Desired], texts: dict[Parameter, str]
) -> Steps[list[tuple[Desired, Data | None]]]:
    """Each with what the device has, which is noted in ``texts``; None for what is optional and not there."""
    results = yield from client.read_many([desired.attribute for desired in values])
    read = []
    for desired, result in zip(values, results, strict=True):
        value = _value_in(result, desired)
        texts[desired.parameter] = _ABSENT if value is None else text_of(desired.parameter, value)
        read.append((desired, value))
    return read


def _value_in(result: Data | AccessError, desired: Desired) -> Data | None:
    if not isinstance(result, AccessError):
        return result
    if desired.optional and result.result == OBJECT_UNDEFINED:
        return None
    raise result


def _write(client: Client, desired: Desired, wanted: Data, found: Found) -> Steps[None]:
    parameter = desired.parameter
    found.sent_at = found.clock()
    yield from client.write(desired.attribute, wanted)
    found.written[parameter] = text_of(parameter, wanted)
    kept = yield from client.read(desired.attribute)
    found.read_back[parameter] = text_of(parameter, kept)
    if kept != wanted:
        raise NotKeptError(f"{parameter.value}: {found.written[parameter]} → {found.read_back[parameter]}", b"")


def _is_as_desired(desired: Desired, value: Data) -> bool:
    try:
        return value_like(value, desired.content(value)) == value
    except FrameError:
        return False


def part(client: Client) -> Steps[None]:
    """End the association. A device that does not let go properly has been written, or read, all the same."""
    try:
        yield from client.release()
    except FrameError:
        return
