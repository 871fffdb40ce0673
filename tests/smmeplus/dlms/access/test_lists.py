"""Several attributes in one request: whole, in blocks, and where a device does not do as it says (CFG-2)."""

from collections.abc import Sequence

import pytest

from smmeplus.dlms import data as d
from smmeplus.dlms.access.attributes import Attribute
from smmeplus.dlms.access.client import Client
from smmeplus.dlms.access.coding.association import encode_aarq
from smmeplus.dlms.access.coding.initiate import WHAT_WE_USE, Conformance, InitiateRequest
from smmeplus.dlms.access.coding.requests import GetListRequest, decode_request, encode_get_list
from smmeplus.dlms.access.conversation import Steps
from smmeplus.dlms.access.errors import AccessError
from smmeplus.dlms.access.server import Server
from smmeplus.dlms.data import Data
from smmeplus.dlms.errors import FrameError
from tests.smmeplus.dlms.access.device import LONG, PERIOD, SECRET, UNDEFINED, associated, replies, server, talk
from tests.smmeplus.dlms.access.test_client import ACCEPTED as WITHOUT_LISTS

WITH_LISTS = WITHOUT_LISTS.replace("001018", "001218")
BYTES = (d.OCTET_STRING, bytes(range(100)))
ALL = [PERIOD, UNDEFINED, LONG, SECRET]
REFUSED_AS_A_WHOLE = "c401c10103"
TWO = [PERIOD, LONG]


class Counting:
    """A device that counts the requests of a client, without its association."""

    def __init__(self, device: Server) -> None:
        self.device, self.requests = device, -1

    def __call__(self, request: bytes) -> bytes:
        self.requests += 1
        return self.device.receive(request)


def read(client: Client, device: Counting, attributes: Sequence[Attribute] = ALL) -> list[Data | int]:
    return results_in(talk(associated(client, client.read_many(attributes)), device))


def results_in(found: list[Data | AccessError]) -> list[Data | int]:
    return [one.result if isinstance(one, AccessError) else one for one in found]


@pytest.mark.parametrize(
    ("client", "device", "requests"),
    [
        (Client(), server(), 1),
        (Client(max_pdu=64), server(), 3),  # in blocks
        (Client(reads_lists=False), server(), 4),
        (Client(), server(max_pdu=40), 4),  # has no room for the list
    ],
)
def test_each_value_and_each_refusal_is_told_however_it_is_asked(client: Client, device: Server, requests: int) -> None:
    counting = Counting(device)
    assert read(client, counting) == [(d.LONG_UNSIGNED, 100), 4, BYTES, 3]
    assert counting.requests == requests


def test_none_and_one_need_no_list() -> None:
    assert read(Client(), none := Counting(server()), []) == []
    assert read(Client(), one := Counting(server()), [UNDEFINED]) == [4]
    assert (none.requests, one.requests) == (0, 1)


@pytest.mark.parametrize("refusal", [REFUSED_AS_A_WHOLE, "d80202", "0e010001", "c402c1010000000101" + "03"])
def test_a_device_that_refuses_the_list_as_a_whole_is_asked_for_each_and_never_again_for_a_list(refusal: str) -> None:
    client = Client()
    one_by_one = ["c401c200120064", "c401c30104"]
    again = ["c401c400120064", "c401c50104"]

    def twice() -> Steps[list[Data | AccessError]]:
        first = yield from client.read_many([PERIOD, UNDEFINED])
        second = yield from client.read_many([PERIOD, UNDEFINED])
        return first + second

    found = talk(associated(client, twice()), replies(WITH_LISTS, refusal, *one_by_one, *again))
    assert results_in(found) == [(d.LONG_UNSIGNED, 100), 4] * 2


def test_a_device_without_lists_is_never_asked_for_one() -> None:
    client = Client()
    answers = replies(WITHOUT_LISTS, "c401c100120064", "c401c2000900")
    assert talk(associated(client, client.read_many(TWO)), answers) == [(d.LONG_UNSIGNED, 100), (d.OCTET_STRING, b"")]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("c403c10100120064", "1 results, where 2 attributes were asked for"),
        ("c403c103001200640104" + "0103", "3 results"),
        ("c403c1020012006401", "cut short"),
        ("c403c10200120064010400", "left over"),
        ("c403c102001200640100", "says success and has no data"),
        ("c403c10200120064020400", "where data or a result are due"),
        ("c403c184", "a length of 4 octets"),
        ("c402c101000000010006" + "020012006401", "cut short"),
        ("c402c101000000010008" + "0200120064010400", "left over"),
        ("c403c201", "another invoke id"),
    ],
)
def test_a_list_that_cannot_be_read_ends_the_conversation(reply: str, reason: str) -> None:
    client = Client()
    with pytest.raises(FrameError, match=reason):
        talk(associated(client, client.read_many(TWO)), replies(WITH_LISTS, reply))


def test_a_list_in_the_place_of_one_value_is_none() -> None:
    client = Client()
    with pytest.raises(FrameError, match="whole value in the place of block 1"):
        talk(associated(client, client.read(PERIOD)), replies(WITH_LISTS, "c403c10100120064"))


def test_a_request_is_read_as_it_was_written() -> None:
    request = decode_request(encode_get_list(7, ALL))
    assert request == GetListRequest(0xC7, ALL)
    many = decode_request(encode_get_list(7, ALL * 50))
    assert isinstance(many, GetListRequest)
    assert len(many.attributes) == 200


@pytest.mark.parametrize("apdu", ["c003c1", "c003c102", "c003c1010001000060", "c003c1ff", "c003c10000"])
def test_a_request_that_is_cut_or_too_long_is_answered_with_an_exception(apdu: str) -> None:
    device = server()
    device.answer(encode_aarq(None, InitiateRequest(WHAT_WE_USE, 2048)))
    assert device.answer(bytes.fromhex(apdu)).hex() == "d80101"


def test_who_has_not_asked_for_lists_gets_none() -> None:
    device = server()
    device.answer(encode_aarq(None, InitiateRequest(Conformance.GET, 2048)))
    assert device.answer(encode_get_list(1, TWO)).hex() == "d80101"
