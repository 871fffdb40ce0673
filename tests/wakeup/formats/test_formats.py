"""From a frame to a notice (WIR-2 to WIR-6): layouts, kinds, clocks, refusals and answers."""

from datetime import UTC, datetime
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest

from smmeplus.dlms.data import (
    ARRAY,
    DATE_TIME,
    DOUBLE_LONG_UNSIGNED,
    LONG_UNSIGNED,
    NULL,
    OCTET_STRING,
    STRUCTURE,
    UNSIGNED,
    UTF8_STRING,
    VISIBLE_STRING,
    Data,
    encode,
)
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import wrap
from smmeplus.dlms.kinds import Kind, KindKey, code_of_kind, push_of_kind
from smmeplus.dlms.notification import encode_data_notification, push_notification, read_confirmation
from smmeplus.dlms.telegram import telegram
from tests.wakeup.formats.whole import read_whole
from wakeup.formats import MAX_FRAME, read_frame
from wakeup.formats.notice import NamelessError, Notice
from wakeup.models import Format

SANTIAGO = ZoneInfo("America/Santiago")
AT_0715: Data = (OCTET_STRING, bytes.fromhex("07ea030e06080f0000ffc400"))
AT_0715_UTC = datetime(2026, 3, 14, 7, 15, tzinfo=UTC)
NO_TIME: Data = (OCTET_STRING, b"\xff" * 12)
SERIAL: Data = (OCTET_STRING, b"A1")
KEEPALIVE: Data = (OCTET_STRING, bytes.fromhex("0001190900ff"))
ALARM: Data = (OCTET_STRING, bytes.fromhex("0004190900ff"))


EVENT: Data = (STRUCTURE, [AT_0715, (LONG_UNSIGNED, 2), (LONG_UNSIGNED, 0), (VISIBLE_STRING, b"B2")])


def data_notification(
    body: Data, *, moment: datetime | None = None, confirmed: bool = False, ports: tuple[int, int] = (1, 1)
) -> bytes:
    return wrap(*ports, encode_data_notification(5, body, confirmed=confirmed, moment=moment))


def push(*elements: Data) -> bytes:
    return data_notification((STRUCTURE, list(elements)))


def concentrator(serial: Data = SERIAL, code: int = 2, clock: Data = AT_0715) -> bytes:
    event: Data = (STRUCTURE, [clock, (LONG_UNSIGNED, code), (LONG_UNSIGNED, 0), (VISIBLE_STRING, b"B2")])
    return data_notification((STRUCTURE, [serial, (LONG_UNSIGNED, 1), event]))


def event(value: Data, *, class_id: int = 1, obis: str = "0000600100ff") -> bytes:
    return wrap(1, 102, b"\xc2\x00" + class_id.to_bytes(2, "big") + bytes.fromhex(obis) + b"\x02" + encode(value))


def moment_of(notice: Notice) -> datetime | None:
    return notice.clock.to_utc(SANTIAGO) if notice.clock else None


def refusal(frame: bytes) -> FrameError:
    with pytest.raises(FrameError) as refused:
        read_frame(frame)
    return refused.value


def test_the_elements_of_a_push_come_in_any_order() -> None:
    elements = (SERIAL, ALARM, (DOUBLE_LONG_UNSIGNED, 2), AT_0715)
    notices = {read_whole(push(*order)) for order in permutations(elements)}
    assert [(n.serial, n.kind, moment_of(n), n.format, n.answer) for n in notices] == [
        ("A1", Kind.BOOT, AT_0715_UTC, Format.PUSH, b"")
    ]


@pytest.mark.parametrize(
    ("serial", "expected"),
    [
        ((OCTET_STRING, b"epl10004"), "EPL10004"),
        ((VISIBLE_STRING, b"A1"), "A1"),
        ((UTF8_STRING, b"A1"), "A1"),
        ((OCTET_STRING, b"7"), "7"),
        ((OCTET_STRING, b"Z" * 32), "Z" * 32),
        ((OCTET_STRING, b"ABC123"), "ABC123"),
        ((OCTET_STRING, b"ABCDEF123456"), "ABCDEF123456"),
        ((VISIBLE_STRING, b"123456789012"), "123456789012"),
    ],
)
def test_the_device_id_of_a_push_may_be_any_string_and_is_upper_cased(serial: Data, expected: str) -> None:
    for elements in ((serial, KEEPALIVE), (KEEPALIVE, NO_TIME, serial), (AT_0715, serial)):
        assert read_whole(push(*elements)).serial == expected


def test_the_first_string_that_is_a_serial_is_the_device_id() -> None:
    text: Data = (VISIBLE_STRING, b"not a serial")
    assert read_whole(push(text, (VISIBLE_STRING, b"A1"), (OCTET_STRING, b"B2"))).serial == "A1"


@pytest.mark.parametrize(
    "value",
    [b"", b"A" * 33, b"-A", b"A-", b"A 1", b"A\x00B", b" ", "É1".encode(), "É1".encode("latin-1"), "\u0661".encode()],
)
def test_a_frame_without_a_valid_device_id_is_refused_as_such(value: bytes) -> None:
    serial: Data = (OCTET_STRING, value)
    for frame in (push(serial, KEEPALIVE), concentrator(serial), event(serial)):
        assert "no device id" in str(refusal(frame))


@pytest.mark.parametrize("value", [(NULL, None), (UNSIGNED, 7), (STRUCTURE, []), (DATE_TIME, b"ABCDEF123456")])
def test_an_event_whose_value_holds_no_string_has_no_device_id(value: Data) -> None:
    assert "no device id" in str(refusal(event(value)))


@pytest.mark.parametrize(
    ("elements", "kind"),
    [
        ((SERIAL, KEEPALIVE, (DOUBLE_LONG_UNSIGNED, 1)), Kind.KEEPALIVE),
        ((SERIAL, ALARM), Kind.OTHER),
        ((SERIAL, ALARM, (DOUBLE_LONG_UNSIGNED, 3)), Kind.LASTGASP),
        ((SERIAL, ALARM, (DOUBLE_LONG_UNSIGNED, 2), (DOUBLE_LONG_UNSIGNED, 1)), Kind.BOOT),
        ((SERIAL, (DOUBLE_LONG_UNSIGNED, 1)), Kind.OTHER),
        ((SERIAL, KEEPALIVE, ALARM), Kind.KEEPALIVE),
        ((SERIAL, (OCTET_STRING, bytes.fromhex("000019090000")), KEEPALIVE), Kind.KEEPALIVE),
        ((SERIAL, (OCTET_STRING, bytes.fromhex("0001280000ff"))), Kind.OTHER),
        ((SERIAL, (VISIBLE_STRING, bytes.fromhex("0001190900ff"))), Kind.OTHER),
        ((SERIAL, (OCTET_STRING, bytes.fromhex("000119090000"))), Kind.OTHER),
    ],
)
def test_the_kind_of_a_push_is_that_of_its_first_logical_name(elements: tuple[Data, ...], kind: Kind) -> None:
    assert read_whole(push(*elements)).kind is kind


def test_the_clock_in_the_body_stands_above_that_of_the_header() -> None:
    noon = datetime(2026, 3, 14, 12, tzinfo=UTC)
    for clocks, expected in [
        ((AT_0715, NO_TIME), AT_0715_UTC),
        ((NO_TIME, AT_0715), AT_0715_UTC),
        (((DATE_TIME, AT_0715[1]),), AT_0715_UTC),
        ((NO_TIME,), noon),
    ]:
        notice = read_whole(data_notification((STRUCTURE, [SERIAL, KEEPALIVE, *clocks]), moment=noon))
        assert moment_of(notice) == expected


@pytest.mark.parametrize(
    ("code", "kind"), [(0, Kind.KEEPALIVE), (1, Kind.LASTGASP), (2, Kind.BOOT), (99, Kind.LASTGASP), (7, Kind.OTHER)]
)
def test_the_kind_of_a_concentrator_notification_is_that_of_its_event_code(code: int, kind: Kind) -> None:
    notice = read_whole(concentrator((VISIBLE_STRING, b"a1"), code))
    assert (notice.serial, notice.kind, notice.format) == ("A1", kind, Format.CONCENTRATOR)
    assert moment_of(notice) == AT_0715_UTC


@pytest.mark.parametrize("clock", [NO_TIME, (NULL, None), (OCTET_STRING, b""), (UNSIGNED, 3)])
def test_a_concentrator_with_a_broken_clock_is_still_alive(clock: Data) -> None:
    assert read_whole(concentrator(clock=clock))[:3] == ("A1", Kind.BOOT, None)


@pytest.mark.parametrize(
    "elements",
    [
        (SERIAL, (UNSIGNED, 1), EVENT),
        (SERIAL, (LONG_UNSIGNED, 1), (UNSIGNED, 4)),
        (SERIAL, (LONG_UNSIGNED, 1), (ARRAY, EVENT[1])),
        (SERIAL, (LONG_UNSIGNED, 1), (STRUCTURE, EVENT[1][:1])),
        (SERIAL, (LONG_UNSIGNED, 1), (STRUCTURE, [AT_0715, (VISIBLE_STRING, b"2"), *EVENT[1][2:]])),
        (SERIAL, (LONG_UNSIGNED, 1)),
    ],
)
def test_what_is_not_quite_a_concentrator_notification_is_a_push_of_no_known_kind(elements: tuple[Data, ...]) -> None:
    assert read_whole(push(*elements))[:5] == ("A1", Kind.OTHER, None, Format.PUSH, b"")


@pytest.mark.parametrize(
    "elements",
    [
        (SERIAL, (LONG_UNSIGNED, 1), (STRUCTURE, EVENT[1][:2])),
        (SERIAL, (LONG_UNSIGNED, 1), (STRUCTURE, [*EVENT[1], (NULL, None)])),
        (SERIAL, (LONG_UNSIGNED, 1), (STRUCTURE, [AT_0715, (UNSIGNED, 2), *EVENT[1][2:]])),
        (SERIAL, (LONG_UNSIGNED, 1), EVENT, (NULL, None)),
    ],
)
def test_a_concentrators_notification_may_have_fewer_or_more_parts_behind_its_code(elements: tuple[Data, ...]) -> None:
    notice = read_whole(push(*elements))
    assert (notice.serial, notice.kind, moment_of(notice)) == ("A1", Kind.BOOT, AT_0715_UTC)
    assert (notice.format, notice.kind_key) == (Format.CONCENTRATOR, KindKey(code=2))


@pytest.mark.parametrize("serial", [(NULL, None), (UNSIGNED, 7), (STRUCTURE, [SERIAL])])
def test_a_concentrator_whose_serial_is_no_string_has_no_device_id(serial: Data) -> None:
    assert "no device id" in str(refusal(concentrator(serial)))


@pytest.mark.parametrize(
    ("class_id", "obis", "kind"),
    [(1, "0000600105ff", Kind.KEEPALIVE), (1, "808080808000", Kind.LASTGASP), (3, "0000600100ff", Kind.OTHER)],
)
def test_the_kind_of_an_event_is_that_of_its_object(class_id: int, obis: str, kind: Kind) -> None:
    notice = read_whole(event((UTF8_STRING, b"a1"), class_id=class_id, obis=obis))
    assert notice == Notice("A1", kind, None, Format.EVENT, b"", KindKey(event_object=(class_id, bytes.fromhex(obis))))


@pytest.mark.parametrize("kind", Kind)
def test_a_telegram_is_read_and_acknowledged(kind: Kind) -> None:
    assert read_whole(telegram("a1", kind)) == Notice(
        "A1",
        kind,
        None,
        Format.TELEGRAM,
        b"\x06",
        KindKey(code=code_of_kind(kind)),
    )


def test_a_confirmed_notification_is_confirmed_to_where_it_came_from() -> None:
    notice = read_whole(push_notification("A1", Kind.BOOT, invoke_id=77, ports=(3, 9)))
    assert notice.answer[2:6] == bytes((0, 9, 0, 3))
    assert read_confirmation(notice.answer) == 77
    assert read_whole(push_notification("A1", Kind.BOOT, confirmed=False)).answer == b""


@pytest.mark.parametrize(
    "behind_the_header", ["", "00", "0b", "0c00", "0013", "000202", "000201" + "13", "0001ff", "00" + "0201" * 20]
)
def test_a_confirmed_notification_is_confirmed_even_when_the_rest_is_refused(behind_the_header: str) -> None:
    confirmed = refusal(wrap(3, 9, bytes.fromhex("0f40000009" + behind_the_header)))
    assert confirmed.answer.hex() == "0001000900030006104000000900"
    unconfirmed = refusal(wrap(3, 9, bytes.fromhex("0f00000009" + behind_the_header)))
    assert unconfirmed.answer == b""


def test_a_header_that_is_cut_is_not_confirmed() -> None:
    assert refusal(wrap(1, 1, bytes.fromhex("0f400000"))).answer == b""


def test_a_refused_telegram_is_answered_with_nak() -> None:
    good = telegram("A1", Kind.BOOT)
    assert refusal(good.replace(b"A1", b"A2")).answer == b"\x15"
    assert refusal(b"/" + b"x" * 1100).answer == b"\x15"


def test_a_message_without_a_device_id_is_refused_without_an_answer() -> None:
    frame = data_notification((STRUCTURE, [KEEPALIVE]), confirmed=True)
    refused = refusal(frame)
    assert isinstance(refused, NamelessError)
    assert (refused.answer, refused.length, refused.notice.serial) == (b"", len(frame), "")
    assert read_confirmation(refused.notice.answer) == 5


@pytest.mark.parametrize("apdu", ["10400000010000", "60", "00", "ff"])
def test_an_apdu_that_is_no_notification_is_refused_with_what_is_known(apdu: str) -> None:
    refused = refusal(wrap(1, 1, bytes.fromhex(apdu)))
    assert f"begins with {apdu[:2].upper()}" in str(refused)
    assert refused.answer == b""


@pytest.mark.parametrize("first", [b"\x01", b"G", b"P", b"\xff"])
def test_a_first_byte_of_no_format_is_refused_with_those_that_are_known(first: bytes) -> None:
    refused = refusal(first + bytes(100))
    assert str(refused) == f"no format begins with {first.hex().upper()}; known are 00 (wrapped), 2F (telegram)"
    assert refused.answer == b""


def test_nothing_is_not_a_frame_yet() -> None:
    assert read_frame(b"") is None


def test_no_frame_is_longer_than_the_longest_one_announced() -> None:
    filler: Data = (OCTET_STRING, bytes(2048 - 6 - 2 - 4 - 8 - 4))
    longest = push(SERIAL, (OCTET_STRING, push_of_kind(Kind.BOOT)[0]), filler)
    assert len(longest) == MAX_FRAME
    assert read_whole(longest).kind is Kind.BOOT
