"""What is asked of a device to read its log, and what becomes of the answers (STA-11). Without sockets or database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from concentrators.configuration.power_logs.steps import MARGIN, NoLogError
from concentrators.configuration.procedure import OtherDeviceError
from concentrators.simulator.devices import Device
from concentrators.simulator.serving import DeviceServer
from smmeplus.dlms import data as d
from smmeplus.dlms.access import names
from smmeplus.dlms.access.attributes import Attribute
from smmeplus.dlms.access.coding.initiate import WHAT_WE_USE
from smmeplus.dlms.access.coding.requests import GetRequest, Selection, decode_request
from smmeplus.dlms.access.coding.responses import GetResponse
from smmeplus.dlms.access.errors import AccessError
from smmeplus.dlms.access.power_failures import MOST_ENTRIES
from smmeplus.dlms.access.profile_generic import CLOCK, decode_range
from smmeplus.dlms.access.server import Item
from smmeplus.dlms.access.values import SERIAL
from smmeplus.dlms.clock import UNSPECIFIED, decode_clock
from smmeplus.dlms.errors import FrameError
from tests.concentrators.configuration.power_logs.logs import (
    CERCO1,
    COLUMNS,
    DURATION,
    LOG,
    NOW,
    REGISTER,
    SERIAL_NUMBER,
    Recorded,
    ends,
    entry,
    items,
    log_of,
    read,
    time,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("number", [0, 1, 3])
def test_all_entries_are_read(number: int) -> None:
    device = Recorded(items(log_of(*[entry(NOW - HOUR * back, back) for back in range(number)])))
    log = read(device)
    assert ends(log) == [(HOUR * back, back) for back in range(number)]
    assert log.skipped == 0


@pytest.mark.parametrize("number", [98, 100, MOST_ENTRIES])
def test_a_long_log_comes_in_blocks(number: int) -> None:
    device = Recorded(items(log_of(*[entry(NOW - HOUR * back, back) for back in range(number)])))
    assert ends(read(device))[-1] == (HOUR * (number - 1), number - 1)
    assert len(device.asked) > 6


def test_another_device_is_not_asked_for_its_log() -> None:
    device = Recorded(items(log_of(entry(NOW))))
    with pytest.raises(OtherDeviceError, match=SERIAL_NUMBER):
        read(device, serial="EPL1000400000043")
    assert device.asks_for(LOG) == device.asks_for(COLUMNS) == device.asks_for(CLOCK) == 0


@pytest.mark.parametrize("wrong", [-400 * DAY, -HOUR, timedelta(seconds=-7), HOUR, 30 * DAY])
def test_a_wrong_clock_is_compared_with_ours(wrong: timedelta) -> None:
    log = read(Recorded(items(log_of(entry(NOW - HOUR + wrong)), clock=time(NOW + wrong))))
    (failure,) = log.failures
    assert failure == (NOW - HOUR + wrong, NOW - HOUR, 60)


def test_a_clock_without_deviation_is_in_the_zone_of_its_company() -> None:
    santiago = ZoneInfo("America/Santiago")
    local = (NOW - HOUR).astimezone(santiago)
    octets = time(local)[1][:9] + bytes.fromhex("8000ff")
    clock = time(NOW.astimezone(santiago))[1][:9] + bytes.fromhex("8000ff")
    buffer = log_of((d.STRUCTURE, [(d.OCTET_STRING, octets), (d.UNSIGNED, 60)]))
    assert ends(read(Recorded(items(buffer, clock=(d.OCTET_STRING, clock))), zone=santiago)) == [(HOUR, 60)]


@pytest.mark.parametrize(
    "clock",
    [
        time(NOW + HOUR, 0x01),  # invalid
        time(NOW + HOUR, 0x02),  # doubtful
        (d.OCTET_STRING, UNSPECIFIED),
        (d.OCTET_STRING, b""),
        (d.DOUBLE_LONG_UNSIGNED, 1),
        (d.NULL, None),
    ],
)
def test_a_clock_that_does_not_count_corrects_nothing(clock: d.Data) -> None:
    assert ends(read(Recorded(items(log_of(entry(NOW - HOUR)), clock=clock)))) == [(HOUR, 60)]


@pytest.mark.parametrize("refusal", [names.OBJECT_UNDEFINED, names.READ_WRITE_DENIED])
def test_what_the_device_does_not_show_is_taken_as_of_cerco1(refusal: int) -> None:
    shown = items(log_of(entry(NOW - HOUR)))
    shown[COLUMNS].refusal = shown[CLOCK].refusal = refusal
    assert ends(read(Recorded(shown))) == [(HOUR, 60)]
    del shown[COLUMNS], shown[CLOCK]
    assert ends(read(Recorded(shown))) == [(HOUR, 60)]


def test_capture_objects_that_are_empty_say_nothing() -> None:
    assert len(read(Recorded(items(log_of(entry(NOW - HOUR)), columns=()))).failures) == 1


def test_the_capture_objects_say_the_order() -> None:
    reverse: d.Data = (d.STRUCTURE, [(d.UNSIGNED, 5), time(NOW - HOUR)])
    log = read(Recorded(items(log_of(reverse, entry(NOW)), columns=(DURATION, CLOCK))))
    assert (ends(log), log.skipped) == ([(HOUR, 5)], 1)


@pytest.mark.parametrize(("unit", "seconds"), [(Item((d.STRUCTURE, [(d.INTEGER, 0), (d.ENUM, 6)])), 3_600), (None, 60)])
def test_a_register_may_count_in_minutes(unit: Item | None, seconds: int) -> None:
    shown = items(log_of(entry(NOW - HOUR)), columns=(CLOCK, REGISTER))
    if unit:
        shown[REGISTER._replace(number=3)] = unit
    assert ends(read(Recorded(shown))) == [(HOUR, seconds)]


@pytest.mark.parametrize(
    "at", [NOW + 2 * MINUTE, NOW + HOUR, NOW.replace(year=9_000), datetime(1, 1, 2, tzinfo=UTC) + HOUR]
)
def test_an_entry_that_cannot_be_true_is_skipped(at: datetime) -> None:
    log = read(Recorded(items(log_of(entry(at, 400 * 86_400), entry(NOW)))))
    assert (ends(log), log.skipped) == ([(timedelta(0), 60)], 1)


@pytest.mark.parametrize("clock", [datetime(1, 1, 3, tzinfo=UTC), datetime(9_999, 12, 30, tzinfo=UTC)])
def test_a_clock_at_the_end_of_time_breaks_nothing(clock: datetime) -> None:
    log = read(Recorded(items(log_of(entry(NOW), entry(clock)), clock=time(clock))), known_until=clock)
    assert len(log.failures) + log.skipped == 2


def selection_of(device: Recorded) -> Selection | None:
    """That of the last request for the log."""
    requests = [decode_request(apdu) for apdu in device.asked if apdu[0] == 0xC0]
    return [one.selection for one in requests if isinstance(one, GetRequest) and one.attribute == LOG][-1]


def test_without_a_known_entry_the_whole_log_is_asked_for() -> None:
    device = Recorded(items(log_of()))
    read(device)
    assert selection_of(device) is None


def test_what_is_known_is_not_asked_for_again_where_the_device_knows_parts() -> None:
    simulated = Device(SERIAL_NUMBER, CERCO1, {}, now=lambda: NOW - 3 * DAY)
    assert simulated.log
    simulated.log.lose_supply()
    simulated.log.restore_supply()
    simulated.log._now = lambda: NOW
    server = DeviceServer(simulated)
    assert ends(read(server)) == [(3 * DAY, 0)]
    assert ends(read(server, known_until=NOW - 3 * DAY)) == [(3 * DAY, 0)]
    assert ends(read(server, known_until=NOW - MINUTE)) == []


def test_the_range_begins_before_what_is_known_and_ends_behind_the_clock() -> None:
    class Parts(Recorded):
        def get(self, attribute: Attribute, item: Item, selection: Selection | None) -> GetResponse:
            return GetResponse(names.SUCCESS, item.value)

    device = Parts(items(log_of()))
    read(device, known_until=NOW - HOUR)
    selection = selection_of(device)
    assert selection
    wanted = decode_range(selection)
    begin, end = (clock.to_utc(UTC) for octets in wanted[1:] if (clock := decode_clock(octets)))
    assert (wanted.column.attribute, begin, end) == (CLOCK, NOW - HOUR - MARGIN, NOW + MARGIN)


@pytest.mark.parametrize("services", [WHAT_WE_USE, None])
def test_a_device_that_knows_no_parts_or_refuses_them_is_asked_for_all(services: int | None) -> None:
    options = {} if services is None else {"services": services}
    device = Recorded(items(log_of(entry(NOW - HOUR))), **options)
    assert ends(read(device, known_until=NOW - HOUR)) == [(HOUR, 60)]
    assert device.asks_for(LOG) == (2 if services is None else 1)


def test_a_device_that_takes_short_requests_only_is_asked_for_all() -> None:
    device = Recorded(items(log_of(entry(NOW - HOUR))), max_pdu=30)
    assert ends(read(device, known_until=NOW - HOUR)) == [(HOUR, 60)]


def test_when_the_clock_has_been_put_back_all_is_asked_for() -> None:
    device = Recorded(items(log_of(entry(NOW - HOUR))))
    read(device, known_until=NOW + DAY)
    assert selection_of(device) is None


@pytest.mark.parametrize("refusal", [names.OBJECT_UNDEFINED, names.CLASS_INCONSISTENT])
def test_a_device_without_such_a_log_need_not_be_asked_again(refusal: int) -> None:
    shown = items(log_of())
    shown[LOG].refusal = refusal
    with pytest.raises(NoLogError):
        read(Recorded(shown))


def test_a_log_that_is_denied_may_be_granted_another_time() -> None:
    shown = items(log_of())
    shown[LOG].refusal = names.READ_WRITE_DENIED
    with pytest.raises(AccessError, match="read-write-denied") as error:
        read(Recorded(shown))
    assert not isinstance(error.value, NoLogError)


@pytest.mark.parametrize(
    ("buffer", "reason"),
    [
        ((d.NULL, None), "a log is an array"),
        ((d.OCTET_STRING, b"log"), "a log is an array"),
        (log_of(*[(d.NULL, None)] * (MOST_ENTRIES + 1)), "entries, where at most 10000 are read"),
        (log_of(*[(d.OCTET_STRING, bytes(1_000))] * 250), "more than 240000 bytes"),
    ],
)
def test_what_is_no_log_or_too_long_is_refused(buffer: d.Data, reason: str) -> None:
    with pytest.raises(FrameError, match=reason):
        read(Recorded(items(buffer)))


def test_capture_objects_that_do_not_tell_end_it() -> None:
    with pytest.raises(FrameError, match="no column"):
        read(Recorded(items(log_of(), columns=(DURATION,))))


def test_who_it_is_comes_first() -> None:
    device = Recorded(items(log_of()))
    read(device)
    first = next(decode_request(apdu) for apdu in device.asked if apdu[0] == 0xC0)
    assert isinstance(first, GetRequest)
    assert first.attribute == SERIAL
