"""A client against simulated devices that do as they should, and against bytes of devices that do not (CFG-2)."""

import tracemalloc

import pytest
from hypothesis import given

from smmeplus.dlms import data as d
from smmeplus.dlms.access.client import MAX_BLOCKS, MAX_VALUE, Client
from smmeplus.dlms.access.coding.initiate import LEAST_PDU, Conformance, InitiateResponse
from smmeplus.dlms.access.coding.responses import GetBlock, encode_block
from smmeplus.dlms.access.conversation import Steps
from smmeplus.dlms.access.errors import (
    AccessError,
    AssociationRefusedError,
    ConfirmedServiceError,
    DeviceRefusedError,
    ExceptionResponseError,
    NotKeptError,
    RequestTooLongError,
    WrongReplyError,
)
from smmeplus.dlms.access.server import Item, Server
from smmeplus.dlms.access.values import SERIAL, UDP, push_destination, serial_in_value, value_like
from smmeplus.dlms.data import Data, encode
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import wrap
from tests.smmeplus.dlms.access.device import (
    LONG,
    PASSWORD,
    PERIOD,
    PUSH_TO,
    SECRET,
    UNDEFINED,
    associated,
    items,
    replies,
    server,
    talk,
)
from tests.smmeplus.dlms.test_data import SCALARS, containers_of

ACCEPTED = "6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f040000101801f40007"


def configure(client: Client, minutes: int) -> Steps[str]:
    yield from client.associate()
    serial = serial_in_value((yield from client.read(SERIAL)))
    for attribute, wanted in ((PERIOD, minutes), (PUSH_TO, push_destination(UDP, "10.0.0.9", 4059))):
        yield from client.write_and_check(attribute, value_like((yield from client.read(attribute)), wanted))
    yield from client.release()
    return serial


@pytest.mark.parametrize("tag", [d.UNSIGNED, d.LONG_UNSIGNED, d.DOUBLE_LONG_UNSIGNED, d.LONG])
@pytest.mark.parametrize("password", [None, b"", PASSWORD])
def test_a_device_is_configured_in_the_types_that_it_answers_with(password: bytes | None, tag: int) -> None:
    objects = {**items(), PERIOD: Item((tag, 1), can_write=True)}
    device = Server(objects, password=password)
    assert talk(configure(Client(password), 100), device.receive) == "EPL1000400000042"
    assert objects[PERIOD].value == (tag, 100)
    assert objects[PUSH_TO].value[1][1] == (d.OCTET_STRING, b"10.0.0.9:4059")


@pytest.mark.parametrize(
    ("asked", "shown", "reason"),
    [
        (PASSWORD, b"nope", "authentication-failure (13)"),
        (PASSWORD, b"", "authentication-failure (13)"),
        (PASSWORD, None, "authentication-mechanism-name-required (12)"),
        (None, PASSWORD, "authentication-failure (13)"),
    ],
)
def test_a_wrong_password_is_refused(asked: bytes | None, shown: bytes | None, reason: str) -> None:
    with pytest.raises(AssociationRefusedError) as refused:
        talk(Client(shown).associate(), server(password=asked).receive)
    assert reason in str(refused.value)


def test_every_result_is_named_and_the_association_goes_on() -> None:
    client, objects = Client(), items()
    objects[PUSH_TO].refusal = 99
    device = Server(objects)

    def steps() -> Steps[list[str]]:
        seen = []
        yield from client.associate()
        for step in (
            client.read(UNDEFINED),
            client.read(SECRET),
            client.write(SERIAL, (d.OCTET_STRING, b"A1")),
            client.write(PERIOD, (d.DOUBLE_LONG, 10)),
            client.write(PUSH_TO, (d.NULL, None)),
            client.read(SERIAL._replace(class_id=3)),
        ):
            with pytest.raises(AccessError) as refused:
                yield from step
            seen.append(str(refused.value).partition(": ")[2].rpartition(": ")[2])
        assert (yield from client.read(PERIOD)) == (d.LONG_UNSIGNED, 100)
        return seen

    assert talk(steps(), device.receive) == [
        "object-undefined (4)",
        "read-write-denied (3)",
        "read-write-denied (3)",
        "type-unmatched (12)",
        "unknown (99)",
        "object-class-inconsistent (9)",
    ]


def test_a_value_that_is_not_kept_is_told() -> None:
    with pytest.raises(NotKeptError, match="reading back gives another one \\(120064\\)") as not_kept:
        talk(
            associated(client := Client(), client.write_and_check(PERIOD, (d.LONG_UNSIGNED, 10))),
            replies(ACCEPTED, "c501c100", "c401c200120064"),
        )
    assert not_kept.value.read.hex() == "120064"


def test_the_same_number_in_another_type_is_not_kept() -> None:
    with pytest.raises(NotKeptError):
        talk(
            associated(client := Client(), client.write_and_check(PERIOD, (d.LONG_UNSIGNED, 10))),
            replies(ACCEPTED, "c501c100", "c401c200060000000a"),
        )


def test_invoke_ids_rise_and_begin_again() -> None:
    client, asked = Client(), []
    device = server()

    def steps() -> Steps[None]:
        yield from client.associate()
        for _ in range(20):
            yield from client.read(PERIOD)

    def answer(frame: bytes) -> bytes:
        asked.append(frame[10])
        return device.receive(frame)

    talk(steps(), answer)
    assert [invoke % 16 for invoke in asked[1:]] == [*range(1, 16), *range(5)]


@pytest.mark.parametrize("block_size", [1, 7, 60])
@given(value=containers_of(SCALARS))
def test_a_value_in_blocks_is_put_together(value: Data, block_size: int) -> None:
    octets = encode(value)
    size = max(block_size, -(-len(octets) // MAX_BLOCKS))
    parts = [octets[at : at + size] for at in range(0, len(octets), size)]
    blocks = [block(n, part, is_last=n == len(parts)) for n, part in enumerate(parts, 1)]
    assert talk(Client().read(LONG), replies(*blocks)) == value


def block(number: int, octets: bytes, *, is_last: bool = False) -> str:
    return encode_block(0xC1, GetBlock(is_last, number, 0, octets)).hex()


def test_a_value_may_have_64_kib_in_a_hundred_blocks() -> None:
    octets = b"\x09\x83" + (MAX_VALUE - 5).to_bytes(3, "big") + bytes(MAX_VALUE - 5)
    size = MAX_VALUE // MAX_BLOCKS + 1
    parts = [octets[at : at + size] for at in range(0, MAX_VALUE, size)]
    blocks = [block(n, part, is_last=n == MAX_BLOCKS) for n, part in enumerate(parts, 1)]
    assert len(blocks) == MAX_BLOCKS
    assert talk(Client().read(LONG), replies(*blocks)) == (d.OCTET_STRING, bytes(MAX_VALUE - 5))


def test_a_value_of_more_than_64_kib_is_refused() -> None:
    blocks = [block(n, bytes(2000)) for n in range(1, 40)]
    with pytest.raises(FrameError, match="the value has more than 65536 bytes"):
        talk(Client().read(LONG), replies(*blocks))


def test_a_value_in_more_than_a_hundred_blocks_is_refused() -> None:
    blocks = [block(n, b"") for n in range(1, MAX_BLOCKS + 2)]
    with pytest.raises(FrameError, match="comes in more than 100 blocks"):
        talk(Client().read(LONG), replies(*blocks))


def test_a_value_of_many_small_parts_takes_bounded_memory() -> None:
    octets = b"\x01\x82\xff\xff" + bytes(MAX_VALUE - 4)
    blocks = [block(n, octets[(n - 1) * 2000 : n * 2000], is_last=n == 33) for n in range(1, 34)]
    answer = replies(*blocks)
    tracemalloc.start()
    try:
        with pytest.raises(FrameError, match="cut short"):
            talk(Client().read(LONG), answer)
        assert tracemalloc.get_traced_memory()[1] < 16_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("apdus", "reason"),
    [
        ([block(2, b"\x11")], "block 2, where 1 is due"),
        ([block(1, b"\x11"), block(1, b"\x05", is_last=True)], "block 1, where 2 is due"),
        ([block(1, b"\x11"), "c401c1001105"], "a whole value in the place of block 2"),
        ([block(1, b"\x11", is_last=True)], "cut short"),
        ([block(1, b"", is_last=True)], "cut short"),
        ([block(1, b"\x11\x05\x00", is_last=True)], "1 bytes are left over behind the value in blocks"),
        ([block(1, b"\x13", is_last=True)], "data of type 19 are not known"),
        ([block(1, b"\x11"), "c402c101000000020113"], r"data-block-number-invalid \(19\)"),
        ([block(1, b"\x11"), "c401c10110"], r"no-long-get-in-progress \(16\)"),
        (["c401c100"], "cut short"),
        (["c401c1001105ff"], "1 bytes are left over"),
        (["c501c100"], r"a reply to another service \(C501C1…\)"),
        ([ACCEPTED], r"a reply to another service \(6129A1…\)"),
        (["c401c2001105"], r"a reply with another invoke id \(C401C2…\)"),
        (["c402c20100000001" + "00021105"], "a reply with another invoke id"),
        (["c4"], "the response is cut short"),
        (["10400000010000"], "a reply to another service"),
    ],
)
def test_a_reply_that_does_not_fit_is_refused(apdus: list[str], reason: str) -> None:
    with pytest.raises(FrameError, match=reason):
        talk(Client().read(LONG), replies(*apdus))


@pytest.mark.parametrize("invoke", ["01", "41", "81", "f1"])
def test_the_priority_in_a_reply_does_not_matter(invoke: str) -> None:
    assert talk(Client().read(LONG), replies(f"c401{invoke}001105")) == (d.UNSIGNED, 5)


@pytest.mark.parametrize(
    ("apdu", "error", "reason"),
    [
        ("d80202", ExceptionResponseError, "service-unknown (2), service-not-supported (2)"),
        ("0e050403", ConfirmedServiceError, "definition: object-attribute-inconsistent (4, 3)"),
        ("c401c10102", AccessError, "class 1, 0-0:96.1.1.255, attribute 2: temporary-failure (2)"),
    ],
)
def test_each_way_to_refuse_has_its_error(apdu: str, error: type[DeviceRefusedError], reason: str) -> None:
    with pytest.raises(error) as refused:
        talk(Client().read(LONG), replies(apdu))
    assert reason in str(refused.value)


def test_an_apdu_longer_than_announced_is_refused() -> None:
    reply = "c401c10009" + "50" + "00" * 80
    assert talk(Client(max_pdu=86).read(LONG), replies(reply)) == (d.OCTET_STRING, bytes(80))
    with pytest.raises(FrameError, match="an APDU of 86 bytes, where at most 85 were announced"):
        talk(Client(max_pdu=85).read(LONG), replies(reply))


def negotiated(max_pdu: int) -> str:
    return ACCEPTED[:-8] + max_pdu.to_bytes(2, "big").hex() + "0007"


@pytest.mark.parametrize("max_pdu", [0, 13, 2048, 65535])
def test_a_device_that_takes_the_request_gets_it(max_pdu: int) -> None:
    client = Client()
    steps = associated(client, client.read(PERIOD))
    assert talk(steps, replies(negotiated(max_pdu), "c401c100120064")) == (d.LONG_UNSIGNED, 100)


@pytest.mark.parametrize("max_pdu", [1, LEAST_PDU])
def test_a_request_longer_than_the_device_takes_is_not_sent(max_pdu: int) -> None:
    client = Client()
    reason = f"the device takes APDUs of at most {max_pdu} bytes, the request has 13"
    with pytest.raises(RequestTooLongError, match=reason):
        talk(associated(client, client.read(PERIOD)), replies(negotiated(max_pdu)))


def test_what_was_negotiated_is_told() -> None:
    granted = Conformance.GET | Conformance.SET | Conformance.GET_IN_BLOCKS
    assert talk(Client().associate(), replies(ACCEPTED)) == InitiateResponse(granted, 500)


def test_an_association_by_short_names_is_none() -> None:
    with pytest.raises(FrameError, match="the VAA name is FA00"):
        talk(Client().associate(), replies(ACCEPTED[:-4] + "fa00"))


@pytest.mark.parametrize("apdu", ["6300", "6303800100", "6303800101"])
def test_a_release_is_a_release_whatever_its_reason(apdu: str) -> None:
    talk(Client().release(), replies(apdu))


@pytest.mark.parametrize("apdu", ["6403800100", ACCEPTED, "63038001"])
def test_anything_else_is_no_release(apdu: str) -> None:
    with pytest.raises(FrameError):
        talk(Client().release(), replies(apdu))


def test_a_message_of_the_devices_own_is_no_reply() -> None:
    """Unless the conversation sets it aside, which it does, it cannot be taken for one."""
    steps = Client().read(PERIOD)
    next(steps)
    with pytest.raises(WrongReplyError, match="a message that the device sends by itself"):
        steps.send(bytes.fromhex("0f00000001000202"))


def test_what_is_sent_is_wrapped_for_the_wports() -> None:
    assert wrap(16, 1, next(Client().read(PERIOD))).hex().startswith("000100100001000dc001c1")
