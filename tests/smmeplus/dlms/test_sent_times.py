"""The date-time in a notification's header, in the forms that devices send (WIR-2, WIR-3)."""

from datetime import UTC, datetime

import pytest

from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.sent_times import read_data_time, read_event_time

MOMENT = datetime(2026, 3, 14, 7, 15, tzinfo=UTC)
TIME = "07ea030e06080f0000ffc400"
BODY = "0201" + "0a024131"
OBJECT = "00010000600100ff02" + "0a024131"

TIMES = [
    ("0c" + TIME, MOMENT),
    ("090c" + TIME, MOMENT),
    ("19" + TIME, MOMENT),
    ("190c" + TIME, MOMENT),
    ("0c" + "ff" * 12, None),
    ("05" + "07ea030e06", None),
    ("04" + "080f0000", None),
    ("0905" + "07ea030e06", None),
    ("0904" + "080f0000", None),
    ("1a" + "07ea030e06", None),
    ("1b" + "080f0000", None),
    ("0900", None),
]


@pytest.mark.parametrize(
    ("written", "moment"), [*TIMES, ("00", None), ("", None), ("07" + "00" * 7, None), ("01" + TIME, MOMENT)]
)
def test_a_data_notifications_time_is_read_or_left_out(written: str, moment: datetime | None) -> None:
    clock, end = read_data_time(bytes.fromhex("ffff" + written + BODY), 2)
    assert (clock and clock.to_utc(UTC), end) == (moment, 2 + len(written) // 2)


@pytest.mark.parametrize(
    ("written", "moment"),
    [("00", None)]
    + [(presence + written, moment) for presence in ("01", "09", "19", "ff") for written, moment in TIMES[:1]]
    + [("01" + written, moment) for written, moment in TIMES]
    + [("0c" + TIME, MOMENT), ("19" + TIME, MOMENT), ("1a" + "07ea030e06", None)],
)
def test_an_event_notifications_time_is_read_or_left_out(written: str, moment: datetime | None) -> None:
    clock, end = read_event_time(bytes.fromhex("c2" + written + OBJECT), 1)
    assert (clock and clock.to_utc(UTC), end) == (moment, 1 + len(written) // 2)


@pytest.mark.parametrize("cut", range(13))
def test_a_time_that_is_cut_is_an_error(cut: int) -> None:
    apdu = bytes.fromhex("0c" + TIME)[:cut]
    with pytest.raises(FrameError, match="the DataNotification is cut short"):
        read_data_time(apdu, 0)
    with pytest.raises(FrameError, match="the EventNotification is cut short"):
        read_event_time(b"\x01" + apdu, 0)
