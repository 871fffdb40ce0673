"""GET and SET requests: their bytes, and what is refused (CFG-2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smmeplus.dlms import data as d
from smmeplus.dlms.access.attributes import Attribute, logical_name
from smmeplus.dlms.access.coding.requests import (
    GetNextRequest,
    GetRequest,
    Request,
    Selection,
    SetRequest,
    decode_request,
    encode_get,
    encode_get_next,
    encode_set,
    invoke_id_of,
)
from smmeplus.dlms.errors import FrameError
from tests.smmeplus.dlms.test_data import SCALARS, containers_of

DESTINATION = Attribute(40, logical_name("0-1:25.9.0.255"), 3)
DESCRIPTOR = "0028" + "0001190900ff" + "03"
ATTRIBUTES = st.builds(Attribute, st.integers(0, 0xFFFF), st.binary(min_size=6, max_size=6), st.integers(0, 255))
INVOKE_IDS = st.integers(0, 15)


@pytest.mark.parametrize(
    ("apdu", "expected", "request_"),
    [
        (encode_get(1, DESTINATION), "c001c1" + DESCRIPTOR + "00", GetRequest(0xC1, DESTINATION)),
        (encode_get_next(15, 2), "c002cf00000002", GetNextRequest(0xCF, 2)),
        (
            encode_set(0, DESTINATION, (d.UNSIGNED, 3)),
            "c101c0" + DESCRIPTOR + "001103",
            SetRequest(0xC0, DESTINATION, (d.UNSIGNED, 3)),
        ),
    ],
)
def test_requests_have_the_bytes_of_the_standard(apdu: bytes, expected: str, request_: Request) -> None:
    assert apdu.hex() == expected
    assert decode_request(apdu) == request_


@given(INVOKE_IDS, ATTRIBUTES, st.integers(0, 2**32 - 1), containers_of(SCALARS))
def test_what_is_asked_is_read_as_the_same(invoke_id: int, attribute: Attribute, block: int, value: d.Data) -> None:
    assert decode_request(encode_get(invoke_id, attribute)) == GetRequest(0xC0 | invoke_id, attribute)
    part = Selection(block % 256, value)
    assert decode_request(encode_get(invoke_id, attribute, part)) == GetRequest(0xC0 | invoke_id, attribute, part)
    assert decode_request(encode_get_next(invoke_id, block)) == GetNextRequest(0xC0 | invoke_id, block)
    set_ = decode_request(encode_set(invoke_id, attribute, value))
    assert isinstance(set_, SetRequest)
    assert (invoke_id_of(set_.invoke), set_.attribute, set_.value) == (invoke_id, attribute, value)


@pytest.mark.parametrize(
    ("apdu", "reason"),
    [
        ("c0", "cut short"),
        ("c001", "cut short"),
        ("c001c1" + DESCRIPTOR, "cut short"),
        ("c001c1" + DESCRIPTOR + "0000", "1 bytes are left over behind the request"),
        ("c001c1" + DESCRIPTOR + "02", "02 behind the attribute, where 00 or 01 is due"),
        ("c001c1" + DESCRIPTOR + "0101", "cut short"),
        ("c001c1" + DESCRIPTOR + "01010203", "cut short"),
        ("c001c1" + DESCRIPTOR + "01010000", "1 bytes are left over behind the request"),
        ("c003c101" + DESCRIPTOR + "010100", "for a GET of one attribute alone"),
        ("c101c1" + DESCRIPTOR + "01010012", "for a GET of one attribute alone"),
        ("c002c1000000", "cut short"),
        ("c004c10100", "begins with C004 is not known"),
        ("c104c10100", "begins with C104 is not known"),
        ("c101c1" + DESCRIPTOR + "00", "cut short"),
        ("c101c1" + DESCRIPTOR + "00" + "13", "data of type 19 are not known"),
        ("c101c1" + DESCRIPTOR + "00" + "0201" * 9 + "00", "deeper than 8 levels"),
        ("c102c1" + DESCRIPTOR + "00" + "00" + "00000001" + "02ff", "cut short"),
    ],
)
def test_any_other_request_is_refused(apdu: str, reason: str) -> None:
    with pytest.raises(FrameError, match=reason):
        decode_request(bytes.fromhex(apdu))


def test_a_value_that_no_apdu_has_room_for_is_not_sent() -> None:
    with pytest.raises(FrameError, match="at most 2048"):
        encode_set(1, DESTINATION, (d.OCTET_STRING, bytes(2048)))
