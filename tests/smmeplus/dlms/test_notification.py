"""DataNotification, its confirmation, and EventNotification."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smmeplus.dlms import data as d
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import unwrap, wrap
from smmeplus.dlms.kinds import Kind, kind_of_object
from smmeplus.dlms.layouts import is_concentrator, read_body
from smmeplus.dlms.notification import (
    concentrator_notification,
    confirmable,
    confirmation,
    decode_data_notification,
    decode_event_notification,
    encode_data_notification,
    event_notification,
    push_notification,
    read_confirmation,
)
from tests.smmeplus.dlms.vectors import BY_NAME

SERIAL = "EPL1000400000042"
MOMENT = datetime(2026, 3, 14, 8, 15, tzinfo=timezone(timedelta(hours=1)))
TIME = "0c07ea030e06080f0000ffc400"
SERIALS = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=32)
MOMENTS = st.none() | st.datetimes(datetime(1970, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def apdu_of(frame: bytes) -> bytes:
    unwrapped = unwrap(frame)
    assert unwrapped is not None
    assert unwrapped[3] == len(frame)
    return unwrapped[2]


def id_in(value: d.Data) -> str:
    return read_body(value)[0]


@pytest.mark.parametrize(
    ("name", "frame"),
    [
        ("DN-P-keepalive", push_notification(SERIAL, Kind.KEEPALIVE, confirmed=False, moment=MOMENT)),
        ("DN-P-boot", push_notification(SERIAL, Kind.BOOT, invoke_id=2, confirmed=False, moment=MOMENT)),
        (
            "DN-P-lastgasp",
            push_notification(SERIAL, Kind.LASTGASP, invoke_id=3, confirmed=False, moment=MOMENT, ports=(1, 102)),
        ),
        ("DN-P-confirmed", push_notification(SERIAL, Kind.KEEPALIVE, invoke_id=9, moment=MOMENT)),
        ("DN-C-boot", concentrator_notification(SERIAL, Kind.BOOT, invoke_id=4, confirmed=False, moment=MOMENT)),
        ("EN-keepalive", event_notification(SERIAL, Kind.KEEPALIVE, moment=MOMENT)),
        ("EN-keepalive-notime", event_notification(SERIAL, Kind.KEEPALIVE)),
        ("DN-P-cerco1", push_notification("16CEC50610036665", Kind.KEEPALIVE)),
    ],
)
def test_the_vector_is_what_is_sent(name: str, frame: bytes) -> None:
    assert frame.hex() == BY_NAME[name].frame.hex()


@settings(derandomize=True)
@given(SERIALS, st.sampled_from(Kind), st.integers(0, 2**24 - 1), st.booleans(), MOMENTS, st.booleans())
def test_what_is_sent_as_a_data_notification_is_read_as_the_same(
    serial: str, kind: Kind, invoke_id: int, confirmed: bool, moment: datetime | None, in_layout_c: bool
) -> None:
    send = concentrator_notification if in_layout_c else push_notification
    apdu = apdu_of(send(serial, kind, invoke_id=invoke_id, confirmed=confirmed, moment=moment, ports=(7, 8)))
    invoke, sent, body, behind = decode_data_notification(apdu)
    read_serial, _, read_kind, read_clock, _ = read_body(body)
    assert behind is None
    assert invoke == bytes((0x40 if confirmed else 0,)) + invoke_id.to_bytes(3, "big")
    assert (read_serial, read_kind) == (serial, kind)
    assert is_concentrator(body[1]) == in_layout_c
    for clock in [sent, read_clock] if in_layout_c else [sent]:
        assert (clock and clock.to_utc(UTC)) == (
            moment and moment.replace(microsecond=moment.microsecond // 10_000 * 10_000)
        )


@settings(derandomize=True)
@given(SERIALS, st.sampled_from([Kind.KEEPALIVE, Kind.LASTGASP, Kind.OTHER]), MOMENTS)
def test_what_is_sent_as_an_event_notification_is_read_as_the_same(
    serial: str, kind: Kind, moment: datetime | None
) -> None:
    event = decode_event_notification(apdu_of(event_notification(serial, kind, moment=moment)))
    assert (id_in(event.value), kind_of_object(event.class_id, event.obis)) == (serial, kind)
    assert (event.clock is None) == (moment is None)
    assert event.attribute == 2


def test_an_event_notification_of_boot_is_not_sent() -> None:
    with pytest.raises(FrameError, match="boot"):
        event_notification(SERIAL, Kind.BOOT)


@pytest.mark.parametrize("serial", ["", "A" * 33, "-A1", "A1-", "-", "É1", "A 1", "\ud800"])
def test_a_serial_that_is_none_is_not_sent(serial: str) -> None:
    for send in (push_notification, concentrator_notification, event_notification):
        with pytest.raises(FrameError, match="device id"):
            send(serial, Kind.KEEPALIVE)


def test_a_serial_as_long_as_a_clock_is_not_sent_as_an_octet_string() -> None:
    body = decode_data_notification(apdu_of(push_notification("ABCDEF123456", Kind.BOOT)))[2]
    assert body[1][0] == (d.VISIBLE_STRING, b"ABCDEF123456")


@pytest.mark.parametrize("invoke_id", [-1, 2**24])
def test_an_invoke_id_of_more_than_24_bits_is_not_sent(invoke_id: int) -> None:
    with pytest.raises(FrameError, match="24 bits"):
        encode_data_notification(invoke_id, (d.NULL, None), confirmed=True, moment=None)


@pytest.mark.parametrize("presence", ["01", "09", "0c", "ff"])
def test_any_presence_but_zero_says_that_a_time_follows(presence: str) -> None:
    apdu = bytes.fromhex("c2" + presence + TIME + "00010000600100ff02" + "0a024131")
    event = decode_event_notification(apdu)
    assert event.clock is not None
    assert event.clock.to_utc(UTC) == MOMENT
    assert id_in(event.value) == "A1"


@pytest.mark.parametrize(
    "apdu",
    [
        "",
        "c2",
        "0f00010000600100ff020a024131",
        "c20000010000600100ff",
        "c20000010000600100ff02",
        "c20000010000600100ff020a0241",
        "c201" + TIME + "00010000600100ff",
        "c201" + TIME[:-2],
    ],
)
def test_an_event_notification_that_is_cut_is_refused(apdu: str) -> None:
    with pytest.raises(FrameError):
        decode_event_notification(bytes.fromhex(apdu))


@pytest.mark.parametrize(
    "apdu",
    [
        "",
        "0f",
        "0f00000001",
        "0f0000000100",
        "0f00000001" + TIME,
        "0f00000001" + TIME[:-2],
        "0f00000001" + "00" + "0202",
        "1000000001" + "00" + "00",
    ],
)
def test_a_data_notification_that_is_cut_is_refused(apdu: str) -> None:
    with pytest.raises(FrameError):
        decode_data_notification(bytes.fromhex(apdu))


def test_a_time_that_is_not_usable_does_not_make_the_notification_unreadable() -> None:
    apdu = bytes.fromhex("0f00000001" + "0c" + "ff" * 12 + "00")
    assert decode_data_notification(apdu) == (b"\0\0\0\1", None, (d.NULL, None), None)


@pytest.mark.parametrize(
    ("apdu", "expected"),
    [
        ("0f40000009", "40000009"),
        ("0fc0000009ff", "c0000009"),
        ("0f7fffffff00", "7fffffff"),
        ("0f00000009", None),
        ("0fbfffffff00", None),
        ("0f400000", None),
        ("1040000009", None),
        ("", None),
    ],
)
def test_bit_30_asks_for_a_confirmation_as_soon_as_the_header_is_readable(apdu: str, expected: str | None) -> None:
    invoke = confirmable(bytes.fromhex(apdu))
    assert (invoke and invoke.hex()) == expected


def test_a_confirmation_goes_back_to_where_the_notification_came_from() -> None:
    frame = confirmation(bytes.fromhex("c0123456"), 5, 102)
    assert frame.hex() == "000100660005000610c012345600"
    assert read_confirmation(frame) == 0x123456


def test_a_confirmation_may_carry_a_time() -> None:
    assert read_confirmation(wrap(1, 1, bytes.fromhex("1040000009" + TIME))) == 9


@settings(derandomize=True)
@given(st.binary(max_size=40) | st.binary(max_size=20).map(lambda apdu: wrap(1, 1, b"\x10" + apdu)))
def test_any_bytes_are_a_confirmation_or_refused(frame: bytes) -> None:
    try:
        invoke_id = read_confirmation(frame)
    except FrameError:
        return
    assert frame[10:13] == invoke_id.to_bytes(3, "big")


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        confirmation(b"\x40\0\0\1", 1, 1)[:-1],
        confirmation(b"\x40\0\0\1", 1, 1) + b"\0",
        wrap(1, 1, bytes.fromhex("1040000001")),
        wrap(1, 1, bytes.fromhex("0f4000000100")),
        wrap(1, 1, bytes.fromhex("104000000100ff")),
        wrap(1, 1, bytes.fromhex("10400000010c00")),
        b"\x06",
    ],
)
def test_what_is_not_exactly_a_confirmation_is_refused(frame: bytes) -> None:
    with pytest.raises(FrameError):
        read_confirmation(frame)
