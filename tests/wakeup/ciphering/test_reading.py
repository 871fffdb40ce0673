"""A reader that comes to a ciphered message: it wants the device, and goes on as if it had had it (SEC-3, WIR-9)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smmeplus.dlms.ciphering.keys import Keys
from smmeplus.dlms.kinds import Kind
from tests import ROOT
from tests.smmeplus.dlms.ciphering.vectors import KEYS as GREEN_BOOK_KEYS
from tests.smmeplus.dlms.ciphering.vectors import TITLE as GREEN_BOOK_TITLE
from tests.smmeplus.dlms.vectors import BY_NAME
from tests.wakeup.ciphering.devices import KEYS, OTHER_KEYS, TITLE, Device, login
from wakeup.formats.seals import KeyedDevice
from wakeup.listener.connections.datagrams import read_datagram
from wakeup.listener.connections.pieces import Refusal
from wakeup.listener.connections.reader import Reader
from wakeup.listener.keys.cache import KeyCache, Wanted
from wakeup.listener.keys.unsealing import FRESH_S
from wakeup.models import StrayReason

SERIAL = "16CEC50610036665"
CERCO1 = BY_NAME["DN-P-cerco1"].frame


class Keyed:
    """A database of devices with keys, a cache of it, and what was looked up."""

    def __init__(self, *devices: KeyedDevice) -> None:
        self.now = 0.0
        self.devices = list(devices)
        self.asked: list[Wanted] = []
        self.cache = KeyCache(lambda: self.now)

    def look_up(self, wanted: Wanted) -> None:
        self.asked.append(wanted)
        self.cache.forget(wanted)
        self.cache.keep(one for one in self.devices if wanted in (Wanted(one.title), Wanted(serial=one.serial)))


def known(keys: Keys = KEYS, serial: str = SERIAL, title: bytes = TITLE) -> KeyedDevice:
    return KeyedDevice(serial, title.hex().upper(), keys, datetime(2026, 1, 1, tzinfo=UTC))


def words(keyed: Keyed, *parts: bytes) -> list[str]:
    """What a reader that is fed with ``parts`` says: serial numbers, and the reasons of refusals."""
    reader, said = Reader("10.60.0.10", awaits_header=False, keys=keyed.cache), []
    for part in parts:
        reader.feed(part)
        while (piece := reader.read_frame()) is not None:
            if isinstance(piece, Wanted):
                keyed.look_up(piece)
            elif isinstance(piece, Refusal):
                said.append(f"{piece.reason}: {piece.as_stray(datetime.now(UTC), 'peer').sender}")
            else:
                said.append(piece[0].serial + (" ciphered" if piece[0].seal else ""))
    return said


def test_among_other_frames_it_is_the_same_wherever_it_is_split() -> None:
    frames = CERCO1 + Device(SERIAL).push() + Device("X", OTHER_KEYS).push() + CERCO1
    for cut in range(len(frames) + 1):
        assert words(Keyed(known()), frames[:cut], frames[cut:]) == [
            SERIAL,
            f"{SERIAL} ciphered",
            f"tag: {SERIAL}",
            SERIAL,
        ], cut


def test_a_device_is_looked_up_once_for_all_its_messages() -> None:
    device, keyed = Device(SERIAL), Keyed(known())
    assert words(keyed, *(device.push() for _ in range(5))) == [f"{SERIAL} ciphered"] * 5
    assert keyed.asked == [Wanted(TITLE.hex().upper())]


def test_an_unknown_title_is_looked_up_each_time() -> None:
    keyed = Keyed()
    frames = [Device(SERIAL).push()] * 3
    assert words(keyed, *frames) == ["ciphered: 45504C0000000001"] * 3
    keyed.devices = [known()]
    assert words(keyed, *frames) == [f"{SERIAL} ciphered"] * 3
    assert len(keyed.asked) == 4


def test_a_tag_that_does_not_fit_has_keys_that_are_not_fresh_read_again() -> None:
    keyed, new = Keyed(known()), Device(SERIAL, OTHER_KEYS)
    assert words(keyed, Device(SERIAL).push()) == [f"{SERIAL} ciphered"]
    keyed.devices = [known(OTHER_KEYS)]
    assert words(keyed, new.push()) == [f"tag: {SERIAL}"], "somebody who guesses is not worth a query each time"
    keyed.now += FRESH_S
    assert words(keyed, new.push()) == [f"{SERIAL} ciphered"]
    assert len(keyed.asked) == 2


def test_what_recording_has_found_outdated_is_read_again() -> None:
    keyed = Keyed(known())
    assert words(keyed, Device(SERIAL).push()) == [f"{SERIAL} ciphered"]
    keyed.devices[0].is_outdated = True
    keyed.devices = []
    assert words(keyed, Device(SERIAL).push()) == ["ciphered: 45504C0000000001"]


def test_without_a_title_only_a_login_says_whose_it_is() -> None:
    nameless = Device(SERIAL).push(named=False)
    assert words(Keyed(known()), nameless) == ["ciphered: peer"]
    keyed = Keyed(known())
    assert words(keyed, login(SERIAL) + nameless) == [SERIAL, f"{SERIAL} ciphered"]
    assert keyed.asked == [Wanted(serial=SERIAL)]
    assert words(Keyed(known()), login("ANOTHER1") + nameless) == ["ANOTHER1", "ciphered: ANOTHER1"]


def test_a_title_counts_before_a_login() -> None:
    assert words(Keyed(known()), login("ANOTHER1") + Device(SERIAL).push()) == ["ANOTHER1", f"{SERIAL} ciphered"]


@pytest.mark.parametrize("control", [0x00, 0x20, 0x31, 0x70, 0xB0])
def test_another_protection_is_refused_under_the_name_of_the_concentrator(control: int) -> None:
    frame = bytearray(Device(SERIAL).push())
    frame[8 + 11] = control
    assert words(Keyed(known()), bytes(frame) + CERCO1) == [f"protected: {SERIAL}", SERIAL]


def test_a_damaged_one_is_malformed_and_costs_itself_alone() -> None:
    frame = bytearray(Device(SERIAL).push())
    frame[8 + 10] -= 1  # the length of what is ciphered
    assert words(Keyed(known()), bytes(frame) + CERCO1) == ["malformed: 45504C0000000001", SERIAL]


def test_a_datagram_may_hold_plain_and_ciphered_messages() -> None:
    keyed, said = Keyed(known()), []
    for piece in read_datagram(CERCO1 + Device(SERIAL).push(Kind.LASTGASP) + bytes(5), "10.60.0.10", keyed.cache):
        if isinstance(piece, Wanted):
            keyed.look_up(piece)
        else:
            assert not isinstance(piece, Refusal)
            said.append(piece[0].kind)
    assert said == [Kind.KEEPALIVE, Kind.LASTGASP]


def test_without_keys_it_is_refused_as_what_it_is() -> None:
    (refusal,) = read_datagram(Device(SERIAL).push(), "10.60.0.10")
    assert isinstance(refusal, Refusal)
    assert refusal.reason == StrayReason.CIPHERED
    assert str(refusal.error) == ("ciphered (general-glo-ciphering), system title 45504C0000000001, no key for it here")


def test_the_example_of_the_documentation_is_read_as_it_says() -> None:
    text = (ROOT / "docs" / "wire-formats.md").read_text(encoding="utf-8")
    block = text.partition("```ciphered\n")[2].partition("```")[0]
    frame = bytes.fromhex("".join(line.partition("|")[0] for line in block.splitlines()))
    assert words(Keyed(known(GREEN_BOOK_KEYS, title=GREEN_BOOK_TITLE)), frame) == [f"{SERIAL} ciphered"]


def test_the_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wakeup.listener.keys.cache.MAX_DEVICES", 3)
    cache = KeyCache()
    devices = [known(serial=f"A{number}", title=b"EPL" + bytes((0, 0, 0, 0, number))) for number in range(5)]
    cache.keep(devices)
    assert [cache.find(Wanted(one.title)) is not None for one in devices] == [False, False, True, True, True]
    assert [cache.find(Wanted(serial=one.serial)) is not None for one in devices] == [False, False, True, True, True]
