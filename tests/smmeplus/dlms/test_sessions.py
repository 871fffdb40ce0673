"""Logins and heartbeats of GPRS modules (WIR-10)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smmeplus.dlms.apdus import HEARTBEAT, LOGIN
from smmeplus.dlms.errors import FrameError, NoDeviceIdError
from smmeplus.dlms.framing.crc import crc16_x25
from smmeplus.dlms.sessions import decode_session, is_session, session_apdu

LOGIN_APDU = bytes.fromhex("0a020c323130363030393930303431008da8")
DIGITS = bytes.fromhex("dd1000000000303030313839363939393132")


def signed(begin: str) -> bytes:
    apdu = bytes.fromhex(begin)
    return apdu + crc16_x25(apdu[1:]).to_bytes(2, "little")


def test_the_checksum_is_crc16_x25() -> None:
    assert crc16_x25(b"123456789") == 0x906E


@given(
    st.sampled_from([LOGIN, HEARTBEAT]),
    st.from_regex(r"[0-9A-Z]([0-9A-Z-]{0,30}[0-9A-Z])?", fullmatch=True),
    st.booleans(),
)
def test_what_is_sent_is_read_as_the_same(tag: int, serial: str, has_option: bool) -> None:
    apdu = session_apdu(tag, serial, has_option=has_option)
    assert is_session(apdu)
    assert decode_session(apdu) == (serial, {LOGIN: b"\xaa\x03", HEARTBEAT: b"\xcc\x03"}[tag])


@pytest.mark.parametrize("device_type", ["01", "02"])
def test_a_padded_id_is_trimmed(device_type: str) -> None:
    assert decode_session(signed(f"0a{device_type}04" + "41310000"))[0] == "A1"


def test_twelve_digits_are_an_id() -> None:
    assert is_session(DIGITS)
    assert decode_session(DIGITS) == ("000189699912", b"\xda")


@pytest.mark.parametrize(
    "apdu", [DIGITS[:-1], DIGITS + b"0", DIGITS[:-1] + b"A", DIGITS[:2] + b"\1" + DIGITS[3:], b"\xdd", b"\x0f"]
)
def test_every_other_apdu_is_no_session_message(apdu: bytes) -> None:
    assert not is_session(apdu)


@pytest.mark.parametrize("cut", range(1, len(LOGIN_APDU)))
def test_a_login_that_is_cut_is_refused(cut: int) -> None:
    with pytest.raises(FrameError, match=r"cut short|checksum"):
        decode_session(LOGIN_APDU[:cut])


@pytest.mark.parametrize("place", range(1, len(LOGIN_APDU)))
def test_a_login_with_a_wrong_bit_is_refused(place: int) -> None:
    wrong = bytearray(LOGIN_APDU)
    wrong[place] ^= 1
    with pytest.raises(FrameError):
        decode_session(bytes(wrong))


def test_what_is_behind_the_option_or_no_id_is_said() -> None:
    with pytest.raises(FrameError, match="1 bytes are left over behind the login's option"):
        decode_session(signed("0a0102" + "4131" + "0000"))
    with pytest.raises(NoDeviceIdError, match="no device id: A_1 is not"):
        decode_session(signed("0c0103" + "415f31"))
