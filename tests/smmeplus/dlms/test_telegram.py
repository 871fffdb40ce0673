"""The text telegram (WIR-5)."""

# ruff: noqa: DTZ001 - wall clocks without a zone are what is tested here

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smmeplus.dlms.clock import Clock
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.crc import crc16_arc
from smmeplus.dlms.kinds import Kind, kind_of_code
from smmeplus.dlms.telegram import MAX_SIZE, NAK, Telegram, decode, telegram
from tests.smmeplus.dlms.vectors import BY_NAME

ROME = ZoneInfo("Europe/Rome")
ZONES = [ROME, ZoneInfo("America/Santiago"), ZoneInfo("Asia/Kolkata")]
SERIALS = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=32)
LINES = ("/EPL5WUP\\1.0", "", "0-0:96.1.0(EPL1)", "0-0:1.0.0(260314081500W)", "0-0:96.11.0(000)")


def signed(*lines: str) -> bytes:
    """A telegram of ``lines`` with a good checksum."""
    body = "".join(line + "\r\n" for line in lines).encode("latin-1") + b"!"
    return body + b"%04X\r\n" % crc16_arc(body)


def read(frame: bytes) -> Telegram:
    decoded = decode(frame)
    assert decoded is not None
    assert decoded[1] == len(frame)
    return decoded[0]


def refusal(frame: bytes) -> str:
    with pytest.raises(FrameError) as refused:
        decode(frame)
    assert refused.value.answer == NAK == b"\x15"
    return str(refused.value)


def test_the_checksum_is_crc16_arc() -> None:
    assert crc16_arc(b"123456789") == 0xBB3D
    assert crc16_arc(b"") == 0


def test_a_telegram_says_serial_code_and_local_time() -> None:
    clock = Clock(datetime(2026, 3, 14, 8, 15), is_summer=False, by_season=True)
    assert read(signed(*LINES)) == Telegram("EPL1", 0, clock)


def test_the_vector_is_what_is_sent() -> None:
    chile_in_winter = timezone(timedelta(hours=-4))
    moment = datetime(2026, 3, 14, 8, 15, tzinfo=chile_in_winter)
    assert telegram("EPL1000400000042", Kind.KEEPALIVE, moment=moment) == BY_NAME["TXT-keepalive"].frame


@settings(derandomize=True)
@given(
    SERIALS,
    st.sampled_from(Kind),
    st.none() | st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30), timezones=st.sampled_from(ZONES)),
)
def test_what_is_sent_is_read_as_the_same(serial: str, kind: Kind, moment: datetime | None) -> None:
    read_back = read(telegram(serial, kind, moment=moment))
    assert (read_back.serial, kind_of_code(read_back.code)) == (serial, kind)
    assert read_back.clock == (
        moment
        and Clock(moment.replace(microsecond=0, tzinfo=None, fold=0), is_summer=bool(moment.dst()), by_season=True)
    )


def test_the_season_of_the_moment_is_sent() -> None:
    assert b"(260701120000S)" in telegram("A1", Kind.BOOT, moment=datetime(2026, 7, 1, 12, tzinfo=ROME))
    assert b"(260101120000W)" in telegram("A1", Kind.BOOT, moment=datetime(2026, 1, 1, 12, tzinfo=ROME))


@pytest.mark.parametrize("serial", ["", "A" * 33, "A B", "A)", "É1"])
def test_a_serial_that_is_none_is_not_sent(serial: str) -> None:
    with pytest.raises(FrameError, match="device id"):
        telegram(serial, Kind.BOOT)


def test_time_may_be_missing_lines_come_in_any_order_and_others_are_ignored() -> None:
    frame = signed("/X", "", "1-3:0.2.8(50)", "0-0:96.11.0(2)", "0-1:24.2.1(1)(0.1*m3)", "odd", "0-0:96.1.0(ab1)")
    assert read(frame) == Telegram("AB1", 2, None)


def test_of_a_line_that_comes_twice_the_first_counts() -> None:
    assert read(signed("/X", "", "0-0:96.1.0(A1)", "0-0:96.1.0(B2)", "0-0:96.11.0(2)")).serial == "A1"


@pytest.mark.parametrize(
    "time", ["", "260314081500", "260314081500X", "26031408150W", "261314081500W", "260230081500S", "260314240000W"]
)
def test_a_time_that_is_none_does_not_silence_the_device(time: str) -> None:
    assert read(signed("/X", "", "0-0:96.1.0(A1)", f"0-0:1.0.0({time})", "0-0:96.11.0(000)")).clock is None


@pytest.mark.parametrize(
    "lines",
    [
        ("/X", "", "0-0:96.11.0(000)"),
        ("/X", "", "0-0:96.1.0()", "0-0:96.11.0(000)"),
        ("/X", "", "0-0:96.1.0(-A1)", "0-0:96.11.0(000)"),
        ("/X", "", f"0-0:96.1.0({'A' * 33})", "0-0:96.11.0(000)"),
        ("/X", "", "0-0:96.1.0(É1)", "0-0:96.11.0(000)"),
        ("/X", "", "0-0:96.1.0(A1", "0-0:96.11.0(000)"),
    ],
)
def test_a_telegram_without_a_valid_device_id_is_refused_as_such(lines: tuple[str, ...]) -> None:
    telegram = read(signed(*lines))
    assert (telegram.serial, "no device id" in str(telegram.nameless)) == ("", True)


@pytest.mark.parametrize("code", ["", "x", "-1", "1_0", "123456", "0 "])
def test_a_telegram_without_a_code_is_refused(code: str) -> None:
    assert "event code" in refusal(signed("/X", "", "0-0:96.1.0(A1)", f"0-0:96.11.0({code})"))
    assert "event code" in refusal(signed("/X", "", "0-0:96.1.0(A1)"))


@pytest.mark.parametrize("head", [("/X",), ("/", ""), ("/X", " "), ("/X/Y", "")])
def test_a_telegram_without_identification_and_empty_line_is_refused(head: tuple[str, ...]) -> None:
    assert "identification" in refusal(signed(*head, "0-0:96.1.0(A1)", "0-0:96.11.0(000)"))


def test_a_wrong_checksum_is_refused() -> None:
    good = signed(*LINES)
    assert read(good)
    for tail in (b"0000\r\n", good[-6:-2].lower() + b"\r\n", good[-6:-2] + b"\n\r", b"!!!!!!"):
        assert tail != good[-6:]
        assert "checksum" in refusal(good[:-6] + tail)
    assert "checksum" in refusal(good.replace(b"EPL1", b"EPL2"))


def test_what_begins_otherwise_is_no_telegram() -> None:
    assert "begins with /" in refusal(b"x/")


@pytest.mark.parametrize("frame", [signed(*LINES), signed(*LINES, "x" * 900)])
def test_a_telegram_is_incomplete_until_its_last_byte(frame: bytes) -> None:
    assert all(decode(frame[:end]) is None for end in range(len(frame)))


def test_the_longest_telegram_passes_and_the_next_longer_one_is_refused() -> None:
    room = MAX_SIZE - len(signed(*LINES, ""))
    longest = signed(*LINES, "x" * room)
    assert len(longest) == MAX_SIZE
    assert read(longest).serial == "EPL1"
    assert "longer than 1024" in refusal(signed(*LINES, "x" * (room + 1)))


def test_what_never_ends_is_refused_after_so_many_bytes() -> None:
    endless = b"/" + b"x" * MAX_SIZE
    refused_at = next(end for end in range(len(endless)) if _is_refused(endless[:end]))
    assert refused_at == MAX_SIZE - 6  # no checksum would fit behind it any more


def test_a_hostile_telegram_costs_one_checksum_however_it_is_split(monkeypatch: pytest.MonkeyPatch) -> None:
    summed: list[int] = []

    def count(data: bytes) -> int:
        summed.append(len(data))
        return 0

    monkeypatch.setattr("smmeplus.dlms.telegram.crc16_arc", count)
    hostile = b"/" + b"x" * 900 + b"!" * 100
    refused_at = next(end for end in range(len(hostile)) if _is_refused(hostile[:end]))
    assert refused_at == 908
    assert summed == [902]


def _is_refused(buffer: bytes) -> bool:
    try:
        decode(buffer)
    except FrameError:
        return True
    return False
