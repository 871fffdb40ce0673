"""GET and SET responses and what may come instead: their bytes, names and refusals (CFG-2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smmeplus.dlms import data as d
from smmeplus.dlms.access.coding.refusals import (
    decode_confirmed_service_error,
    decode_exception,
    encode_confirmed_service_error,
    encode_exception,
)
from smmeplus.dlms.access.coding.responses import (
    GetBlock,
    GetResponse,
    decode_get_response,
    decode_set_response,
    encode_block,
    encode_get_refusal,
    encode_get_response,
    encode_set_response,
)
from smmeplus.dlms.access.names import ACCESS_RESULTS, SERVICE_ERRORS, name_of, service_error_name
from smmeplus.dlms.errors import FrameError
from tests.smmeplus.dlms.test_data import SCALARS, containers_of

NUMBERS = st.integers(0, 255)


@pytest.mark.parametrize(
    ("apdu", "expected", "response"),
    [
        (encode_get_response(0xC1, (d.LONG_UNSIGNED, 100)), "c401c100120064", GetResponse(0, (d.LONG_UNSIGNED, 100))),
        (encode_get_refusal(0xC2, 3), "c401c20103", GetResponse(3, (d.NULL, None))),
        (
            encode_block(0xC1, GetBlock(False, 1, 0, b"\x09\x02")),
            "c402c10000000001" + "00020902",
            GetBlock(False, 1, 0, b"\x09\x02"),
        ),
        (
            encode_block(0xC1, GetBlock(True, 2, 0, bytes(200))),
            "c402c10100000002" + "0081c8" + "00" * 200,
            GetBlock(True, 2, 0, bytes(200)),
        ),
        (encode_block(0xC1, GetBlock(True, 3, 19, b"")), "c402c101000000030113", GetBlock(True, 3, 19, b"")),
    ],
)
def test_responses_have_the_bytes_of_the_standard(apdu: bytes, expected: str, response: GetResponse | GetBlock) -> None:
    assert apdu.hex() == expected
    assert decode_get_response(apdu) == response


@given(NUMBERS, containers_of(SCALARS), st.integers(1, 255), st.booleans(), st.integers(0, 2**32 - 1), st.binary())
def test_what_is_answered_is_read_as_the_same(
    invoke: int, value: d.Data, result: int, is_last: bool, number: int, octets: bytes
) -> None:
    assert decode_get_response(encode_get_response(invoke, value)) == GetResponse(0, value)
    assert decode_get_response(encode_get_refusal(invoke, result)) == GetResponse(result, (d.NULL, None))
    for block in (GetBlock(is_last, number, 0, octets), GetBlock(is_last, number, result, b"")):
        assert decode_get_response(encode_block(invoke, block)) == block
    assert decode_set_response(encode_set_response(invoke, result)) == result


def test_a_block_may_be_as_long_as_an_apdu() -> None:
    block = GetBlock(False, 1, 0, bytes(2030))
    assert decode_get_response(encode_block(0xC1, block)) == block


@pytest.mark.parametrize(
    ("apdu", "reason"),
    [
        ("c4", "cut short"),
        ("c401c1", "cut short"),
        ("c401c100", "cut short"),
        ("c401c101", "cut short"),
        ("c401c1001200", "cut short"),
        ("c401c100110500", "1 bytes are left over behind the get-response"),
        ("c401c10103ff", "1 bytes are left over behind the get-response"),
        ("c401c10100", "says success and has no data"),
        ("c401c10200", "02 in the get-response, where data or a result are due"),
        ("c404c10100", "a get-response of type 4"),
        ("c402c1010000", "cut short"),
        ("c402c101000000010003", "cut short"),
        ("c402c1010000000100820003ffff", "cut short"),
        ("c402c10100000001008400000001ff", "a length of 4 octets"),
        ("c402c1010000000100" + "01ff" + "ff", "1 bytes are left over"),
    ],
)
def test_any_other_get_response_is_refused(apdu: str, reason: str) -> None:
    with pytest.raises(FrameError, match=reason):
        decode_get_response(bytes.fromhex(apdu))


@pytest.mark.parametrize("apdu", ["c5", "c501", "c501c1", "c501c10000", "c502c100000001", "c503c100"])
def test_any_other_set_response_is_refused(apdu: str) -> None:
    with pytest.raises(FrameError, match="set-response"):
        decode_set_response(bytes.fromhex(apdu))


@pytest.mark.parametrize(
    ("apdu", "text"),
    [
        ("d80101", "exception-response: service-not-allowed (1), operation-not-possible (1)"),
        ("d80202", "exception-response: service-unknown (2), service-not-supported (2)"),
        ("d80104", "exception-response: service-not-allowed (1), pdu-too-long (4)"),
        ("d8010600000001", "exception-response: service-not-allowed (1), invocation-counter-error (6)"),
        ("d80106", "exception-response: service-not-allowed (1), invocation-counter-error (6)"),
        ("d80963", "exception-response: unknown (9), unknown (99)"),
    ],
)
def test_an_exception_response_is_named(apdu: str, text: str) -> None:
    assert str(decode_exception(bytes.fromhex(apdu))) == text


@pytest.mark.parametrize(
    ("apdu", "text"),
    [
        ("0e010603", "confirmed-service-error of initiate (1): initiate: pdu-size-too-short (6, 3)"),
        ("0e050501", "confirmed-service-error of read (5): access: scope-of-access-violated (5, 1)"),
        ("0e060000", "confirmed-service-error of write (6): application-reference: other (0, 0)"),
        ("0e0106c8", "confirmed-service-error of initiate (1): initiate: unknown (6, 200)"),
        ("0ec8c8c8", "confirmed-service-error of unknown (200): unknown: unknown (200, 200)"),
    ],
)
def test_a_confirmed_service_error_is_named(apdu: str, text: str) -> None:
    assert str(decode_confirmed_service_error(bytes.fromhex(apdu))) == text


@pytest.mark.parametrize("apdu", ["d8", "d801", "d8010100", "d80106000000", "d9", "0e", "0e0106", "0e01060300", "0f"])
def test_what_is_cut_or_too_long_is_no_refusal(apdu: str) -> None:
    decode = decode_exception if apdu.startswith("d") else decode_confirmed_service_error
    with pytest.raises(FrameError, match=r"cut short|left over|is due"):
        raise decode(bytes.fromhex(apdu))


@given(NUMBERS, NUMBERS, NUMBERS)
def test_refusals_are_read_as_they_were_written(first: int, second: int, third: int) -> None:
    exception = decode_exception(encode_exception(first, second))
    assert (exception.state, exception.service) == (first, second)
    error = decode_confirmed_service_error(encode_confirmed_service_error(first, second, third))
    assert (error.service, error.kind, error.value) == (first, second, third)


def test_results_have_the_names_of_the_standard_and_others_their_number() -> None:
    assert name_of(ACCESS_RESULTS, 12) == "type-unmatched (12)"
    assert name_of(ACCESS_RESULTS, 5) == "unknown (5)"
    assert service_error_name(4, 1) == "definition: object-undefined (4, 1)"
    assert service_error_name(4, 4) == "definition: unknown (4, 4)"
    assert all(values[0] == "other" for _, values in SERVICE_ERRORS.values())
