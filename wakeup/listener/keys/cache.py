"""The keys of ciphering devices in memory, each decrypted once (SEC-3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import monotonic
from typing import Final, NamedTuple

from wakeup.formats.seals import KeyedDevice

MAX_DEVICES: Final = 200_000  # of which each takes about a kilobyte


class Wanted(NamedTuple):
    """A device that has to be looked up before a message of it can be read: by one of the two."""

    title: str = ""
    serial: str = ""


class KeyCache:
    """Devices as they were found. None is ever wrong for long: recording compares each with what the database says.

    ``clock`` (seconds) is that of the machine, except in tests.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._devices: dict[str, KeyedDevice] = {}  # by title, first in first out
        self._titles: dict[str, str] = {}  # by serial number
        self._fast: dict[bytes, KeyedDevice] = {}  # by title, as it stands in frames

    def find(self, wanted: Wanted) -> KeyedDevice | None:
        title = wanted.title or self._titles.get(wanted.serial, "")
        device = self._devices.get(title)
        return None if device is None or device.is_outdated else device

    def find_fast(self, title: bytes) -> KeyedDevice | None:
        device = self._fast.get(title)
        return None if device is None or device.is_outdated else device

    def age_s(self, device: KeyedDevice) -> float:
        return self._clock() - device.read_at

    def keep(self, devices: Iterable[KeyedDevice]) -> None:
        for device in devices:
            device.read_at = self._clock()
            self._devices[device.title] = device
            self._titles[device.serial] = device.title
            self._fast[bytes.fromhex(device.title)] = device
        while len(self._devices) > MAX_DEVICES:
            self._drop(self._devices[next(iter(self._devices))])

    def forget(self, wanted: Wanted) -> None:
        """What has been looked up and is no longer there."""
        device = self._devices.get(wanted.title or self._titles.get(wanted.serial, ""))
        if device is not None:
            self._drop(device)

    def _drop(self, device: KeyedDevice) -> None:
        del self._devices[device.title]
        self._fast.pop(bytes.fromhex(device.title), None)
        self._titles.pop(device.serial, None)
