"""What comes in on a connection is cut into replies and messages of the device's own, and bounded (CFG-2, WIR-1)."""

import pytest

from smmeplus.dlms import data as d
from smmeplus.dlms.access.client import Client
from smmeplus.dlms.access.conversation import MAX_BETWEEN, Conversation, Steps
from smmeplus.dlms.access.errors import AccessError, RequestTooLongError, WrongReplyError
from smmeplus.dlms.access.replies import Mismatch, NotTheReply, mismatch_of
from smmeplus.dlms.data import Data
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import MAX_APDU, MAX_FRAME, wrap
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import event_notification, push_notification
from tests.smmeplus.dlms.access.device import PERIOD, associated
from tests.smmeplus.dlms.access.test_client import ACCEPTED, negotiated

EMPTY = bytes.fromhex("0001000100010000")
PUSH = push_notification("EPL1000400000042", Kind.KEEPALIVE)
EVENT = event_notification("EPL1000400000042", Kind.LASTGASP)
REPLY = wrap(1, 1, bytes.fromhex("c401c100120064"))


def reading() -> Conversation[Data]:
    conversation = Conversation(Client().read(PERIOD))
    assert conversation.start()[8:].hex() == "c001c1" + "00010000" + "5e273aff" + "0200"
    return conversation


@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, 100])
def test_however_the_bytes_are_split_the_same_is_read(size: int) -> None:
    conversation = reading()
    data = EMPTY + PUSH + REPLY + EVENT
    for at in range(0, len(data), size):
        assert conversation.receive(data[at : at + size]) == b""
    assert (conversation.is_over, conversation.result) == (True, (d.LONG_UNSIGNED, 100))
    assert conversation.between == [PUSH, EVENT]


@pytest.mark.parametrize(
    "apdu", ["0a0102", "0c0102", "0f00000001", "1800", "c20000", "ca00", "d200", "db00", "dc00", "dd10"]
)
def test_whatever_devices_send_by_themselves_is_set_aside(apdu: str) -> None:
    conversation = reading()
    frame = wrap(9, 102, bytes.fromhex(apdu))
    assert conversation.receive(frame) == b""
    assert not conversation.is_over
    conversation.receive(REPLY)
    assert (conversation.result, conversation.between) == ((d.LONG_UNSIGNED, 100), [frame])


def test_the_wports_of_a_reply_do_not_matter() -> None:
    conversation = reading()
    conversation.receive(wrap(7, 8, REPLY[8:]))
    assert conversation.result == (d.LONG_UNSIGNED, 100)


def test_our_wports_stand_before_what_we_send() -> None:
    conversation = Conversation(Client().read(PERIOD), (16, 3))
    assert conversation.start()[:8].hex() == "000100100003000d"


def test_the_next_request_comes_out_of_the_reply() -> None:
    client = Client()
    conversation = Conversation(associated(client, client.read(PERIOD)))
    conversation.start()
    assert conversation.receive(PUSH + wrap(1, 1, bytes.fromhex(ACCEPTED)))[8:11].hex() == "c001c1"


def test_a_reply_that_came_before_its_request_is_refused() -> None:
    client = Client()
    conversation = Conversation(associated(client, client.read(PERIOD)))
    conversation.start()
    with pytest.raises(WrongReplyError, match=r"a reply \(C401C1\) that came before its request"):
        conversation.receive(wrap(1, 1, bytes.fromhex(ACCEPTED)) + REPLY)


def test_a_reply_behind_the_last_one_is_refused() -> None:
    conversation = reading()
    with pytest.raises(WrongReplyError, match="before its request"):
        conversation.receive(REPLY + REPLY)


def test_a_device_that_does_not_stop_sending_by_itself_is_refused() -> None:
    conversation = reading()
    conversation.receive(PUSH * MAX_BETWEEN)
    with pytest.raises(FrameError, match="more than 64 messages between"):
        conversation.receive(PUSH)
    assert len(conversation.between) == MAX_BETWEEN


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"HTTP/1.1 400 Bad Request", "the wrapper's version is 4854, not 0001"),
        (b"\x7e\xa0", "the wrapper's version is 7ea0"),
        (bytes.fromhex("000100010001ffff"), "the wrapper announces 65535 bytes; at most 2048 are allowed"),
        (REPLY[:7] + b"\x06" + REPLY[8:], "cut short"),
        (REPLY[:7] + b"\x08" + REPLY[8:] + b"\0", "1 bytes are left over"),
    ],
)
def test_what_is_no_frame_ends_it_for_good(data: bytes, reason: str) -> None:
    conversation = reading()
    with pytest.raises(FrameError, match=reason):
        conversation.receive(data)
    with pytest.raises(FrameError, match=reason):
        conversation.receive(REPLY)
    assert not conversation.is_over


def test_less_than_a_frame_is_kept() -> None:
    conversation = reading()
    conversation.receive(bytes.fromhex("0001000100010800"))
    for _ in range(MAX_APDU - 1):
        assert conversation.receive(b"\xc4") == b""
    with pytest.raises(FrameError, match="another invoke id"):
        conversation.receive(b"\xc4")


def test_empty_wrappers_are_stepped_over_and_not_kept() -> None:
    conversation = reading()
    assert conversation.receive(EMPTY * 8000 + REPLY[:5]) == b""
    assert conversation.receive(REPLY[5:]) == b""
    assert (conversation.result, conversation.between) == ((d.LONG_UNSIGNED, 100), [])


@pytest.mark.parametrize(("begun", "where"), [(b"", "before the reply"), (REPLY[:9], "in the middle of a frame")])
def test_a_connection_that_ends_says_where(begun: bytes, where: str) -> None:
    conversation = reading()
    conversation.receive(begun)
    assert str(conversation.closed()) == f"the connection ended {where}"


def nothing() -> Steps[int]:
    yield from ()
    return 7


def test_steps_that_send_nothing_are_over_at_once() -> None:
    conversation = Conversation(nothing())
    assert conversation.start() == b""
    assert (conversation.is_over, conversation.result) == (True, 7)


def test_a_request_that_is_not_sent_ends_it_too() -> None:
    client = Client()
    conversation = Conversation(associated(client, client.read(PERIOD)))
    conversation.start()
    accepted = wrap(1, 1, bytes.fromhex(negotiated(12)))
    for data in (accepted, REPLY):
        with pytest.raises(RequestTooLongError):
            conversation.receive(data)


def test_the_steps_may_go_on_after_a_refusal() -> None:
    client = Client()

    def steps() -> Steps[str]:
        try:
            yield from client.read(PERIOD)
        except AccessError as error:
            yield from client.release()
            return str(error.result)
        return ""

    conversation = Conversation(steps())
    conversation.start()
    assert conversation.receive(wrap(1, 1, bytes.fromhex("c401c10103")))[8:].hex() == "6203800100"
    conversation.receive(wrap(1, 1, bytes.fromhex("6300")))
    assert conversation.result == "3"


def test_the_longest_frame_is_kept_whole() -> None:
    conversation = reading()
    frame = wrap(1, 1, b"\x0f" + bytes(MAX_APDU - 1))
    conversation.receive(frame)
    assert [len(kept) for kept in conversation.between] == [MAX_FRAME]


@pytest.mark.parametrize(
    ("apdu", "why"),
    [
        ("c401c1001105", None),
        ("c401c2001105", Mismatch.INVOKE_ID),
        ("c501c100", Mismatch.SERVICE),
        ("0f00000001", Mismatch.SPONTANEOUS),
        ("c2", Mismatch.SPONTANEOUS),
        ("ff", Mismatch.SERVICE),
    ],
)
def test_what_is_not_the_reply_says_why(apdu: str, why: Mismatch | None) -> None:
    octets = bytes.fromhex(apdu)
    assert mismatch_of(octets, 0xC4, 1) == (NotTheReply(octets, why) if why else None)


@pytest.mark.parametrize(
    ("apdu", "read"),
    [("d80101", "exception-response"), ("0e010603", "confirmed-service-error")],
)
def test_an_error_of_the_device_is_raised_as_one(apdu: str, read: str) -> None:
    with pytest.raises(FrameError, match=read):
        mismatch_of(bytes.fromhex(apdu), 0xC4, 1)
