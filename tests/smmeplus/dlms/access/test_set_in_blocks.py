"""A value that is longer than what the device takes at once is written in blocks (CFG-2; Green Book 9.4.3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smmeplus.dlms import data as d
from smmeplus.dlms.access import names
from smmeplus.dlms.access.attributes import Attribute
from smmeplus.dlms.access.client import MAX_BLOCKS, Client
from smmeplus.dlms.access.coding.association import encode_aarq
from smmeplus.dlms.access.coding.initiate import Conformance, InitiateRequest
from smmeplus.dlms.access.coding.requests import SetBlockRequest, decode_request, encode_get, encode_set_blocks
from smmeplus.dlms.access.coding.responses import (
    SetBlockResponse,
    decode_set_block_response,
    encode_set_block_response,
)
from smmeplus.dlms.access.conversation import Steps
from smmeplus.dlms.access.errors import AccessError, RequestTooLongError
from smmeplus.dlms.access.server import Server
from smmeplus.dlms.data import Data, encode
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import HEADER_SIZE
from tests.smmeplus.dlms.access.device import PERIOD, PUSH_TO, associated, items, replies, talk
from tests.smmeplus.dlms.test_data import SCALARS, containers_of

FIRST = "c102c1" + "0028" + "0001190900ff" + "03" + "00"
NEXT = "c103c1"
GRANTED = "6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f040000181800400007"
VALUE: Data = (d.OCTET_STRING, bytes(80))  # 82 bytes: two blocks in APDUs of 64


class TakesAll(Server):
    """A device that takes any value of any type."""

    taken: tuple[Attribute, Data] | None = None

    def write(self, attribute: Attribute, value: Data) -> int:
        self.taken = attribute, value
        return names.SUCCESS


def in_association(conformance: Conformance = Conformance.SET | Conformance.SET_IN_BLOCKS, max_pdu: int = 64) -> Server:
    device = Server(items(), max_pdu=max_pdu)
    device.answer(encode_aarq(None, InitiateRequest(conformance, 2048)))
    return device


def block(begin: str, number: int, octets: bytes, *, is_last: bool = False) -> bytes:
    return bytes.fromhex(f"{begin}{is_last:02x}{number:08x}{len(octets):02x}") + octets


@given(value=containers_of(SCALARS), max_pdu=st.integers(40, 2048))
def test_whatever_its_length_a_value_arrives_in_requests_of_the_size_that_the_device_takes(
    value: Data, max_pdu: int
) -> None:
    device, longest = TakesAll(items(), max_pdu=max_pdu), 0
    associated_yet = False

    def answer(frame: bytes) -> bytes:
        nonlocal longest, associated_yet
        if associated_yet:
            longest = max(longest, len(frame) - HEADER_SIZE)
        associated_yet = True
        return device.receive(frame)

    client = Client()
    try:
        talk(associated(client, client.write(PUSH_TO, value)), answer)
    except RequestTooLongError:
        assert len(encode(value)) > MAX_BLOCKS * (max_pdu - 31)
        return
    assert device.taken == (PUSH_TO, value)
    assert longest <= max_pdu


@given(st.integers(0, 15), st.integers(20, 300), containers_of(SCALARS))
def test_blocks_are_read_as_they_were_written(invoke_id: int, limit: int, value: Data) -> None:
    requests = encode_set_blocks(invoke_id, PUSH_TO, value, limit)
    blocks = [decode_request(request) for request in requests]
    assert all(isinstance(one, SetBlockRequest) and one.invoke == 0xC0 | invoke_id for one in blocks)
    assert all(len(request) <= limit for request in requests)
    found = [one for one in blocks if isinstance(one, SetBlockRequest)]
    assert [one.attribute for one in found] == [PUSH_TO] + [None] * (len(found) - 1)
    assert [one.is_last for one in found] == [False] * (len(found) - 1) + [True]
    assert [one.block for one in found] == list(range(1, len(found) + 1))
    assert b"".join(one.octets for one in found) == encode(value)


@pytest.mark.parametrize("limit", [1, 12, 19])
def test_where_no_block_has_room_none_is_made(limit: int) -> None:
    with pytest.raises(FrameError, match="no room"):
        encode_set_blocks(1, PUSH_TO, VALUE, limit)


@given(st.none() | st.integers(0, 255), st.integers(0, 2**32 - 1))
def test_replies_are_read_as_they_were_written(result: int | None, number: int) -> None:
    response = SetBlockResponse(result, number)
    assert decode_set_block_response(encode_set_block_response(0xC1, response)) == response


def test_the_value_is_put_together() -> None:
    device = in_association()
    value = encode(d_destination(b"127.0.0.1:9"))
    assert device.answer(block(FIRST, 1, value[:5])).hex() == "c502c100000001"
    assert device.answer(block(NEXT, 2, b"")).hex() == "c502c100000002"
    assert device.answer(block(NEXT, 3, value[5:], is_last=True)).hex() == "c503c10000000003"
    assert device.answer(encode_get(1, PUSH_TO)).hex() == "c401c100" + value.hex()


def d_destination(octets: bytes) -> Data:
    return d.STRUCTURE, [(d.ENUM, 0), (d.OCTET_STRING, octets), (d.ENUM, 0)]


@pytest.mark.parametrize(
    ("apdus", "answer"),
    [
        ([block(NEXT, 1, b"")], "c503c11200000001"),  # no long SET in progress
        ([block(FIRST, 2, b"")], "c503c11300000002"),
        ([block(FIRST, 1, b"x"), block(NEXT, 3, b"")], "c503c11300000003"),
        ([block(FIRST, 1, b"x"), block(NEXT, 3, b""), block(NEXT, 2, b"")], "c503c11200000002"),
        ([block(FIRST, 1, b"x"), encode_get(1, PERIOD), block(NEXT, 2, b"")], "c503c11200000002"),
        ([block(FIRST, 1, b"x"), block(FIRST, 1, b"\x11\x05", is_last=True)], "c503c10c00000001"),  # another type
        ([block(FIRST, 1, b"\x11\x05\x00", is_last=True)], "c503c10c00000001"),  # a byte is left over
        ([block(FIRST, 1, b"\x11", is_last=True)], "d80101"),  # no value
        ([*(block(FIRST if n == 1 else NEXT, n, bytes(100)) for n in range(1, 22))], "c503c11100000015"),
        ([block("c102c1" + "0001" + "0000600100ff" + "02" + "00", 1, b"\x09\x00", is_last=True)], "c503c10300000001"),
        ([bytes.fromhex(FIRST + "00" + "00000001" + "05" + "01")], "d80101"),  # cut short
        ([bytes.fromhex(NEXT + "00" + "00000001" + "00" + "01")], "d80101"),  # a byte is left over
    ],
)
def test_a_block_that_does_not_fit_is_refused(apdus: list[bytes], answer: str) -> None:
    device = in_association()
    assert [device.answer(apdu).hex() for apdu in apdus][-1] == answer


def test_blocks_that_were_not_agreed_on_are_refused() -> None:
    assert in_association(Conformance.SET).answer(block(FIRST, 1, b"x")).hex() == "d80101"


@pytest.mark.parametrize(
    ("answers", "error", "reason"),
    [
        (["c501c10c"], AccessError, r"type-unmatched \(12\)"),
        (["c503c10300000001"], AccessError, r"read-write-denied \(3\)"),
        (["c502c100000001", "c503c1fa00000002"], AccessError, r"other-reason \(250\)"),
        (["c502c100000002"], FrameError, "the reply to block 2, where 1 was sent"),
        (["c501c100"], FrameError, "the reply to block None, where 1 was sent"),
        (["c503c10000000001"], FrameError, "block 1 of 2 is taken for another one"),
        (["c502c100000001", "c502c100000002"], FrameError, "block 2 of 2 is taken for another one"),
        (["c504c100000001"], FrameError, "a set-response of type 4"),
        (["c502c1000000"], FrameError, "cut short"),
        (["c503c1000000000100"], FrameError, "left over"),
        (["c502c200000001"], FrameError, "another invoke id"),
        (["d80101"], FrameError, "exception-response"),
    ],
)
def test_a_reply_to_a_block_that_does_not_fit_is_refused(
    answers: list[str], error: type[FrameError], reason: str
) -> None:
    client = Client()
    with pytest.raises(error, match=reason):
        talk(associated(client, client.write(PUSH_TO, VALUE)), replies(GRANTED, *answers))


def test_a_value_of_too_many_blocks_is_not_begun() -> None:
    client, asked = Client(), list[bytes]()
    device = Server(items(), max_pdu=26)

    def answer(frame: bytes) -> bytes:
        asked.append(frame)
        return device.receive(frame)

    with pytest.raises(RequestTooLongError, match="more than 100 blocks"):
        talk(associated(client, client.write(PUSH_TO, (d.OCTET_STRING, bytes(2_000)))), answer)
    assert len(asked) == 1


def written_and_checked(client: Client) -> Steps[None]:
    yield from client.associate()
    yield from client.write_and_check(PUSH_TO, d_destination(b"x" * 200))
    yield from client.release()


def test_what_was_written_in_blocks_is_read_back() -> None:
    device = Server(items(), max_pdu=64)
    talk(written_and_checked(Client()), device.receive)
    talk(written_and_checked(Client(max_pdu=64)), device.receive)
