"""AARQ, AARE, RLRQ, RLRE: their bytes, and what is refused (CFG-2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smmeplus.dlms.access.coding.association import (
    AARE,
    MAX_PASSWORD,
    RLRE,
    RLRQ,
    AssociationRequest,
    decode_aare,
    decode_aarq,
    decode_release,
    encode_aare,
    encode_aarq,
    encode_refusal,
    encode_release,
)
from smmeplus.dlms.access.coding.ber import encode_field
from smmeplus.dlms.access.coding.initiate import WHAT_WE_USE, Conformance, InitiateRequest, InitiateResponse
from smmeplus.dlms.access.coding.refusals import encode_confirmed_service_error
from smmeplus.dlms.access.errors import AssociationRefusedError
from smmeplus.dlms.errors import FrameError

CONTEXT = "a109060760857405080101"
INITIATE = "be10040e01000000065f1f0400001a180800"
INITIATED = "be10040e0800065f1f0400001a1801f40007"
AARQ_PLAIN = "601d" + CONTEXT + INITIATE
AARE_PLAIN = "6129" + CONTEXT + "a203020100" + "a305a103020100" + INITIATED
CONFORMANCES = st.integers(0, 2**24 - 1).map(Conformance)
SIZES = st.integers(0, 0xFFFF)
NUMBERS = st.integers(0, 255)


def aare(*fields: str) -> bytes:
    return encode_field(AARE, bytes.fromhex(CONTEXT + "".join(fields)))


def test_what_we_ask_for_is_get_and_set_both_in_blocks_too_and_lists() -> None:
    assert encode_aarq(None, InitiateRequest(WHAT_WE_USE, 2048)).hex() == AARQ_PLAIN


def test_a_password_stands_behind_the_name_of_the_mechanism() -> None:
    shown = "8a020780" + "8b0760857405080201" + "ac0680046e6f7065"
    assert encode_aarq(b"nope", InitiateRequest(WHAT_WE_USE, 2048)).hex() == "6032" + CONTEXT + shown + INITIATE


@given(st.none() | st.binary(max_size=MAX_PASSWORD), CONFORMANCES, SIZES, NUMBERS)
def test_a_request_is_read_as_it_was_written(
    password: bytes | None, conformance: Conformance, max_pdu: int, version: int
) -> None:
    initiate = InitiateRequest(conformance, max_pdu, version)
    mechanism = 0 if password is None else 1
    assert decode_aarq(encode_aarq(password, initiate)) == AssociationRequest(1, mechanism, password, initiate)


@given(CONFORMANCES, SIZES, SIZES)
def test_a_response_is_read_as_it_was_written(conformance: Conformance, max_pdu: int, vaa_name: int) -> None:
    response = InitiateResponse(conformance, max_pdu, vaa_name)
    assert decode_aare(encode_aare(response)) == response


@given(st.integers(1, 255), NUMBERS, st.booleans())
def test_a_refusal_is_read_as_it_was_written(result: int, diagnostic: int, by_provider: bool) -> None:
    with pytest.raises(AssociationRefusedError) as refused:
        decode_aare(encode_refusal(result, diagnostic, by_provider=by_provider))
    error = refused.value
    assert (error.result, error.diagnostic, error.by_provider) == (result, diagnostic, by_provider)


@pytest.mark.parametrize(
    ("result", "diagnostic", "by_provider", "reason"),
    [
        (1, 13, False, "rejected-permanent (1), service user: authentication-failure (13)"),
        (2, 1, False, "rejected-transient (2), service user: no-reason-given (1)"),
        (1, 2, False, "rejected-permanent (1), service user: application-context-name-not-supported (2)"),
        (1, 2, True, "rejected-permanent (1), service provider: no-common-acse-version (2)"),
        (1, 13, True, "rejected-permanent (1), service provider: unknown (13)"),
        (77, 99, False, "unknown (77), service user: unknown (99)"),
    ],
)
def test_user_and_provider_have_a_table_each(result: int, diagnostic: int, by_provider: bool, reason: str) -> None:
    with pytest.raises(AssociationRefusedError) as refused:
        decode_aare(encode_refusal(result, diagnostic, by_provider=by_provider))
    assert str(refused.value) == f"the association is refused: {reason}"


def test_a_confirmed_service_error_says_more() -> None:
    error = encode_confirmed_service_error(1, 6, 3)
    with pytest.raises(AssociationRefusedError, match=r"initiate \(1\): initiate: pdu-size-too-short \(6, 3\)$"):
        decode_aare(encode_refusal(1, 1, error=error))


@pytest.mark.parametrize("information", ["be00", "be020400", "be03040100", INITIATED, "be06040428010203"])
def test_whatever_else_comes_with_a_refusal_changes_nothing(information: str) -> None:
    with pytest.raises(AssociationRefusedError, match=r"authentication-failure \(13\)$"):
        decode_aare(aare("a203020101", "a305a10302010d", information))


def test_what_is_accepted_only_with_high_level_security_is_refused() -> None:
    with pytest.raises(AssociationRefusedError, match=r"accepted \(0\), service user: authentication-required \(14\)"):
        decode_aare(aare("a203020100", "a305a10302010e", INITIATED))


@pytest.mark.parametrize(
    "information",
    [
        "be11040f080100065f1f0400001a1801f40007",  # with a quality of service
        "be0f040d0800065f0400001a1801f40007",  # the tag of the conformance in one octet
        "be820012" + "0482000e" + INITIATED[8:],  # lengths in more octets than they need
    ],
)
def test_a_response_may_be_written_in_other_ways(information: str) -> None:
    assert decode_aare(aare("a203020100", "a305a103020100", information)) == InitiateResponse(WHAT_WE_USE, 500)


def test_a_diagnostic_of_the_provider_asks_for_no_authentication() -> None:
    assert decode_aare(aare("a203020100", "a305a20302010e", INITIATED)).max_pdu == 500


def test_the_order_of_fields_and_those_of_no_use_do_not_matter() -> None:
    apdu = aare(INITIATED, "a40a04084142434445464748", "80020284", "a305a103020100", "a203020100")
    assert decode_aare(apdu) == InitiateResponse(WHAT_WE_USE, 500)


@pytest.mark.parametrize(
    ("apdu", "reason"),
    [
        (b"", "the AARE is cut short"),
        (bytes.fromhex(AARE_PLAIN)[:-1], "the AARE is cut short"),
        (bytes.fromhex(AARE_PLAIN) + b"\0", "1 bytes are left over behind the AARE"),
        (bytes.fromhex("60" + AARE_PLAIN[2:]), "60 in the AARE, where 61 is due"),
        (aare("a305a103020100", INITIATED), "the AARE has no field A2"),
        (aare("a203020100", INITIATED), "the AARE has no field A3"),
        (aare("a203020100", "a203020100"), "the field A2 comes twice in the AARE"),
        (aare("bf5f0101"), "a tag of several octets in the AARE"),
        (aare("a280"), "a length of 0 octets"),
        (aare("a28400000003020100"), "a length of 4 octets"),
        (aare("a20402010000", "a305a103020100", INITIATED), "1 bytes are left over behind the AARE"),
        (aare("a20402020000", "a305a103020100", INITIATED), "in the AARE, where 0201 is due"),
        (aare("a203020100", "a305a403020100", INITIATED), "neither of the service user nor of the provider"),
        (aare("a203020100", "a300", INITIATED), "neither of the service user nor of the provider"),
        (aare("a203020100", "a305a103020100"), "accepts without an InitiateResponse"),
        (aare("a203020100", "a305a103020100", "be0604040e010604"), "0E in the InitiateResponse, where 08 is due"),
        (aare("a203020100", "a305a103020100", INITIATED[:-2]), "the AARE is cut short"),
        (
            aare("a203020100", "a305a103020100", INITIATED.replace("080006", "080005")),
            "05 in the InitiateResponse, where 06",
        ),
        (aare("a203020100", "a305a103020100", INITIATED.replace("080006", "080206")), "02 says neither"),
        (aare("a203020100", "a305a103020100", INITIATED.replace("5f1f04", "5f1e04")), "where 00 is due"),
        (aare("a203020100", "a305a103020100", INITIATED.replace("5f1f0400", "5f1e0000")), "1E in the tag"),
    ],
)
def test_any_other_response_is_refused(apdu: bytes, reason: str) -> None:
    with pytest.raises(FrameError, match=reason) as refused:
        decode_aare(apdu)
    assert not isinstance(refused.value, AssociationRefusedError)


@pytest.mark.parametrize("dedicated_key", ["00", "0104aabbccdd", "018104aabbccdd"])
@pytest.mark.parametrize("response_allowed", ["00", "01ff"])
@pytest.mark.parametrize("quality", ["00", "0100"])
def test_all_that_a_client_may_say_is_read(dedicated_key: str, response_allowed: str, quality: str) -> None:
    initiate = bytes.fromhex("01" + dedicated_key + response_allowed + quality + "065f1f0400001a18ffff")
    apdu = encode_field(0x60, bytes.fromhex(CONTEXT) + encode_field(0xBE, encode_field(4, initiate)))
    assert decode_aarq(apdu).initiate == InitiateRequest(WHAT_WE_USE, 0xFFFF)


def test_another_context_and_mechanism_are_read_by_their_numbers() -> None:
    fields = "a109060760857405080103" + "8b0760857405080205" + "ac0a80080102030405060708" + INITIATE
    request = decode_aarq(encode_field(0x60, bytes.fromhex(fields)))
    assert (request.context, request.mechanism, request.password) == (3, 5, bytes(range(1, 9)))


@pytest.mark.parametrize(
    "name",
    [
        "a1090607608574050802" + "01",
        "a109060760857405090101",
        "a1030601" + "60",
        "a100",
        "a10a060860857405080101" + "01",
    ],
)
def test_names_that_are_not_of_dlms_are_refused(name: str) -> None:
    with pytest.raises(FrameError):
        decode_aarq(encode_field(0x60, bytes.fromhex(name + INITIATE)))


def test_a_password_that_is_too_long_is_not_sent() -> None:
    initiate = InitiateRequest(WHAT_WE_USE, 2048)
    assert decode_aarq(encode_aarq(b"x" * MAX_PASSWORD, initiate)).password == b"x" * MAX_PASSWORD
    with pytest.raises(FrameError, match="at most 128 bytes"):
        encode_aarq(b"x" * (MAX_PASSWORD + 1), initiate)


@pytest.mark.parametrize("tag", [RLRQ, RLRE])
def test_a_release_need_not_say_why(tag: int) -> None:
    assert encode_release(tag).hex() == f"{tag:02x}03800100"
    assert decode_release(encode_release(tag), tag) == 0
    assert decode_release(bytes((tag, 0)), tag) is None
    assert decode_release(bytes((tag,)) + bytes.fromhex("0380011e"), tag) == 30


@pytest.mark.parametrize("apdu", ["", "63", "6303800100ff", "63048002 0100", "630280 00", "6203800100"])
def test_any_other_release_is_refused(apdu: str) -> None:
    with pytest.raises(FrameError):
        decode_release(bytes.fromhex(apdu), RLRE)
