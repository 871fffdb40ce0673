"""What a simulated device answers, whatever it is asked (SIM-2, CFG-2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smmeplus.dlms import data as d
from smmeplus.dlms.access.client import Client
from smmeplus.dlms.access.coding.association import encode_aarq
from smmeplus.dlms.access.coding.initiate import LEAST_PDU, WHAT_WE_USE, Conformance, InitiateRequest
from smmeplus.dlms.access.coding.requests import encode_get, encode_get_next, encode_set
from smmeplus.dlms.access.conversation import Steps
from smmeplus.dlms.access.server import Item, Server
from smmeplus.dlms.data import Data, encode
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import MAX_APDU, unwrap, wrap
from tests.smmeplus.dlms.access.device import DELAY, LONG, PASSWORD, PERIOD, SECRET, associated, items, server, talk

NOT_ALLOWED = "d80101"
NOT_KNOWN = "d80202"
LONGEST = (d.OCTET_STRING, bytes(2044))  # 2,048 bytes with its tag and length


def in_association(max_pdu: int = 2048, conformance: Conformance = WHAT_WE_USE, value: Data | None = None) -> Server:
    device = Server({**items(), LONG: Item(value)} if value else items())
    assert device.answer(encode_aarq(None, InitiateRequest(conformance, max_pdu)))[:1] == b"\x61"
    return device


def asked(apdu: bytes, device: Server | None = None) -> str:
    return (device or in_association()).answer(apdu).hex()


@pytest.mark.parametrize("apdu", [encode_get(1, PERIOD), encode_get_next(1, 1), encode_set(1, PERIOD, (d.UNSIGNED, 1))])
def test_nothing_is_read_or_written_without_an_association(apdu: bytes) -> None:
    assert server().answer(apdu).hex() == NOT_ALLOWED
    refused = server(password=PASSWORD)
    refused.answer(encode_aarq(b"nope", InitiateRequest(WHAT_WE_USE, 2048)))
    assert asked(apdu, refused) == NOT_ALLOWED
    ended = in_association()
    ended.answer(encode_aarq(b"nope", InitiateRequest(WHAT_WE_USE, 2048)))
    assert asked(apdu, ended) == NOT_ALLOWED
    released = in_association()
    assert asked(bytes.fromhex("6203800100"), released) == "6303800100"
    assert asked(apdu, released) == NOT_ALLOWED


@pytest.mark.parametrize(
    ("initiate", "error"),
    [
        (InitiateRequest(WHAT_WE_USE, 2048, 5), "0601"),
        (InitiateRequest(Conformance(1 << 23), 2048), "0602"),
        (InitiateRequest(WHAT_WE_USE, LEAST_PDU - 1), "0603"),
        (InitiateRequest(WHAT_WE_USE, 1), "0603"),
    ],
)
def test_what_cannot_be_negotiated_is_said(initiate: InitiateRequest, error: str) -> None:
    answer = asked(encode_aarq(None, initiate), server())
    assert answer == "611fa109060760857405080101a203020101a305a103020101" + "be0604040e01" + error


@pytest.mark.parametrize("max_pdu", [0, LEAST_PDU, 65535])
def test_other_lengths_of_apdus_are_taken(max_pdu: int) -> None:
    answer = asked(encode_aarq(None, InitiateRequest(WHAT_WE_USE | Conformance(1), max_pdu)), server(max_pdu=77))
    assert answer.endswith("a203020100a305a103020100be10040e0800065f1f0400" + "001a18" + "004d" + "0007")


def test_no_more_is_granted_than_was_asked_for() -> None:
    answer = asked(encode_aarq(None, InitiateRequest(Conformance.GET, 0)), server())
    assert answer.endswith("5f1f0400" + "000010" + "0800" + "0007")


@pytest.mark.parametrize(
    ("fields", "diagnostic"),
    [
        ("a109060760857405080103", "02"),  # with ciphering
        ("a109060760857405080102", "02"),  # short names
        ("a109060760857405080101" + "8b0760857405080205", "0b"),
        ("a109060760857405080101", "0c"),
        ("a109060760857405080101" + "8b0760857405080200", "0c"),
        ("a109060760857405080101" + "8b0760857405080201", "0d"),
    ],
)
def test_each_way_to_be_no_client_has_its_diagnostic(fields: str, diagnostic: str) -> None:
    content = fields + "be10040e01000000065f1f04000010180800"
    aarq = bytes.fromhex("60") + bytes((len(content) // 2,)) + bytes.fromhex(content)
    assert asked(aarq, server(password=PASSWORD)).endswith("a203020101a305a1030201" + diagnostic)


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("c301c100010000600100ff0100", NOT_KNOWN),  # an action
        ("0f00000001000202", NOT_KNOWN),
        ("ff", NOT_KNOWN),
        ("c0", NOT_ALLOWED),
        ("c004c100", NOT_ALLOWED),
        ("c101c1000100005e273aff020012", NOT_ALLOWED),
        ("c102c1000100005e273aff020001000000010212", NOT_ALLOWED),  # a SET in blocks
        ("60", NOT_ALLOWED),
        ("62", NOT_ALLOWED),
    ],
)
def test_what_is_not_known_is_answered_all_the_same(apdu: str, answer: str) -> None:
    assert asked(bytes.fromhex(apdu)) == answer


@given(
    st.binary(min_size=1, max_size=60)
    | st.sampled_from([0x60, 0x62, 0xC0, 0xC1]).flatmap(
        lambda tag: st.binary(max_size=60).map(lambda rest: bytes((tag,)) + rest)
    )
)
def test_whatever_is_asked_there_is_an_answer(apdu: bytes) -> None:
    assert in_association().answer(apdu)
    assert server(password=PASSWORD).answer(apdu)


@pytest.mark.parametrize(
    ("old", "new", "is_taken"),
    [
        ((d.UNSIGNED, 1), (d.UNSIGNED, 255), True),
        ((d.UNSIGNED, 1), (d.ENUM, 1), False),
        ((d.OCTET_STRING, b""), (d.OCTET_STRING, b"longer"), True),
        ((d.STRUCTURE, [(d.ENUM, 0)]), (d.STRUCTURE, [(d.ENUM, 1)]), True),
        ((d.STRUCTURE, [(d.ENUM, 0)]), (d.STRUCTURE, [(d.UNSIGNED, 1)]), False),
        ((d.STRUCTURE, [(d.ENUM, 0)]), (d.STRUCTURE, []), False),
        ((d.STRUCTURE, [(d.ENUM, 0)]), (d.ARRAY, [(d.ENUM, 0)]), False),
        ((d.ARRAY, [(d.ENUM, 0)]), (d.ARRAY, [(d.ENUM, 1), (d.ENUM, 2)]), True),
        ((d.ARRAY, [(d.ENUM, 0)]), (d.ARRAY, [(d.UNSIGNED, 1)]), False),
        ((d.ARRAY, []), (d.ARRAY, [(d.UNSIGNED, 1)]), True),
    ],
)
def test_a_value_of_another_type_changes_nothing(old: Data, new: Data, is_taken: bool) -> None:
    objects = {PERIOD: Item(old, can_write=True)}
    device = Server(objects)
    device.answer(encode_aarq(None, InitiateRequest(WHAT_WE_USE, 0)))
    assert asked(encode_set(3, PERIOD, new), device) == ("c501c300" if is_taken else "c501c30c")
    assert objects[PERIOD].value == (new if is_taken else old)


def test_what_may_not_be_read_may_be_written() -> None:
    objects = {SECRET: Item((d.UNSIGNED, 1), can_read=False, can_write=True)}
    device = Server(objects)
    device.answer(encode_aarq(None, InitiateRequest(WHAT_WE_USE, 0)))
    assert asked(encode_get(1, SECRET), device) == "c401c10103"
    assert asked(encode_set(1, SECRET, (d.UNSIGNED, 9)), device) == "c501c100"
    assert objects[SECRET].value == (d.UNSIGNED, 9)


def test_an_access_error_on_command_is_for_both() -> None:
    objects = {PERIOD: Item((d.UNSIGNED, 1), can_write=True, refusal=2)}
    device = Server(objects)
    device.answer(encode_aarq(None, InitiateRequest(WHAT_WE_USE, 0)))
    assert asked(encode_get(1, PERIOD), device) == "c401c10102"
    assert asked(encode_set(1, PERIOD, (d.UNSIGNED, 9)), device) == "c501c102"
    assert objects[PERIOD].value == (d.UNSIGNED, 1)


@pytest.mark.parametrize("max_pdu", [0, 12, 13, 64, 127, 128, 129, 200, 2047, 2048, 65535])
@pytest.mark.parametrize("size", [1, 40, 110, 180, 2044])
def test_no_answer_is_longer_than_the_client_takes(max_pdu: int, size: int) -> None:
    value = (d.OCTET_STRING, bytes(i % 251 for i in range(size)))
    device = in_association(max_pdu, value=value)
    limit = min(max_pdu or MAX_APDU, MAX_APDU)
    octets, number = b"", 0
    answer = device.answer(encode_get(1, LONG))
    while answer[1] == 2:
        number += 1
        assert (int.from_bytes(answer[4:8], "big"), len(answer) <= limit) == (number, True)
        head = 10 if answer[9] < 0x80 else 10 + answer[9] % 0x80
        octets += answer[head:]
        if answer[3]:
            break
        answer = device.answer(encode_get_next(1, number))
    assert len(answer) <= limit
    assert (octets or answer[4:]) == encode(value)


@pytest.mark.parametrize(("size", "kind"), [(122, "c401"), (123, "c402")])
def test_a_value_comes_in_blocks_only_if_it_has_to(size: int, kind: str) -> None:
    device = in_association(128, value=(d.OCTET_STRING, bytes(size)))
    assert asked(encode_get(1, LONG), device)[:4] == kind


def test_another_attribute_of_an_object_is_undefined() -> None:
    assert asked(encode_get(1, PERIOD._replace(number=9))) == "c401c10104"
    assert asked(encode_get(1, PERIOD._replace(class_id=3))) == "c401c10109"


def test_our_client_reads_the_longest_value_in_blocks() -> None:
    client = Client(max_pdu=64)
    device = Server({LONG: Item(LONGEST)})
    assert talk(associated(client, client.read(LONG)), device.receive) == LONGEST


def test_without_block_transfer_a_value_that_does_not_fit_is_refused() -> None:
    device = in_association(64, Conformance.GET)
    assert asked(encode_get(1, LONG), device) == "c401c101fa"


@pytest.mark.parametrize(
    ("apdus", "answer"),
    [
        ([encode_get_next(1, 1)], "c401c10110"),
        ([encode_get(1, LONG), encode_get_next(1, 5)], "c402c101000000050113"),
        ([encode_get(1, LONG), encode_get_next(1, 2)], "c402c101000000020113"),
        ([encode_get(1, LONG), encode_get_next(1, 5), encode_get_next(1, 1)], "c401c10110"),
        ([encode_get(1, LONG), encode_get(1, PERIOD), encode_get_next(1, 1)], "c401c10110"),
        ([encode_get(1, LONG), encode_get_next(1, 1), encode_get_next(1, 2)], "c401c10110"),
        ([encode_get(1, LONG), encode_get_next(1, 2**32 - 1)], "c402c101ffffffff0113"),
    ],
)
def test_a_block_that_is_not_due_is_refused(apdus: list[bytes], answer: str) -> None:
    device = in_association(64)
    answers = [device.answer(apdu).hex() for apdu in apdus]
    assert answers[-1] == answer


def test_requests_are_answered_in_their_order_with_the_wports_swapped() -> None:
    device = in_association()
    data = wrap(16, 1, encode_get(1, PERIOD)) + wrap(17, 2, encode_get(2, PERIOD))
    answers = device.receive(data[:20]) + device.receive(data[20:])
    for source, destination, invoke in ((1, 16, "c1"), (2, 17, "c2")):
        unwrapped = unwrap(answers)
        assert unwrapped is not None
        assert (unwrapped[0], unwrapped[1], unwrapped[2].hex()) == (source, destination, f"c401{invoke}00120064")
        answers = answers[unwrapped[3] :]
    assert answers == b""


def test_bytes_that_are_no_frame_end_the_connection() -> None:
    with pytest.raises(FrameError, match="version"):
        server().receive(b"GET / HTTP/1.1")


def test_a_client_may_associate_again() -> None:
    client = Client()

    def twice() -> Steps[Data]:
        yield from client.associate()
        yield from client.associate()
        return (yield from client.read(DELAY))

    assert talk(twice(), server().receive) == (d.LONG_UNSIGNED, 60)
