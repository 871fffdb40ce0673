"""TLS where none is spoken, and senders who have proven who they are (SEC-4, WIR-11)."""

from __future__ import annotations

import ssl
from ipaddress import ip_network

import pytest

from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.telegram import ACK, telegram
from tests.smmeplus.dlms.field_frames import BY_NAME as FIELD
from tests.smmeplus.dlms.vectors import BY_NAME
from tests.wakeup.listener.connections.peers import Listening
from wakeup.listener.connections.hello import begins_with_hello
from wakeup.listener.connections.limits import Limits
from wakeup.models import StrayReason
from wakeup.recording.arrivals import Arrival

PUSH = BY_NAME["DN-P-cerco1"]
SAID = "a TLS hello on the plain port: TLS has a port of its own"


def hello() -> bytes:
    """The first bytes of a client of ours."""
    outgoing = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="listener.example")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


@pytest.mark.parametrize(
    ("begin", "is_hello"),
    [
        (b"", None),
        (b"\x16", None),
        (b"\x16\x03", None),
        (b"\x16\x03\x00", True),
        (b"\x16\x03\x04\x02", True),
        (b"\x16\x03\x05", False),
        (b"\x16\xfe\xfd", False),
        (b"\x16\x02", False),
        (b"\x17\x03\x03", False),
        (b"\x00", False),
    ],
)
def test_three_bytes_tell_it(begin: bytes, is_hello: bool | None) -> None:
    assert begins_with_hello(begin) is is_hello


@pytest.mark.parametrize("pieces", [1, 2, 5])
def test_on_the_plain_port_it_is_told_from_junk_and_the_connection_ends(pieces: int) -> None:
    listening = Listening()
    peer, sent = listening.peer(), hello()
    for start in range(pieces - 1):
        peer.send(sent[start : start + 1])
    peer.send(sent[pieces - 1 :])
    listening.queue.store()
    (stray,) = listening.queue.strays
    assert (stray.reason, stray.detail, stray.sender) == (StrayReason.TLS, SAID, "10.60.0.10")
    assert (peer.received, peer.end()) == (b"", "closed")


@pytest.mark.parametrize("together", [True, False])
def test_behind_a_balancer_that_sends_it_to_the_wrong_port_it_is_told_as_well(together: bool) -> None:
    listening = Listening(Limits(proxies=(ip_network("10.132.20.228"),)))
    peer, header = listening.peer("10.132.20.228"), b"PROXY TCP4 10.60.0.7 10.132.20.231 40000 58692\r\n"
    for data in [header + hello()] if together else [header, hello()]:
        peer.send(data)
    (stray,) = listening.queue.strays
    assert (stray.reason, stray.detail, stray.sender) == (StrayReason.TLS, SAID, "10.60.0.7")


def test_behind_a_frame_it_is_junk() -> None:
    listening = Listening()
    peer = listening.peer()
    peer.send(PUSH.frame + b"\x16\x03\x01\x00\x20" + bytes([0xAA]) * 32)  # by chance a true one holds a beginning
    peer.close_our_side()
    assert [stray.reason for stray in listening.queue.strays] == [StrayReason.JUNK]


def test_an_honest_sender_is_not_disturbed_by_another_ones_proof() -> None:
    listening = Listening()
    proven, plain = listening.peer(), listening.peer()
    proven.connection.belong_to("A1")
    plain.send(telegram("B2", Kind.BOOT))
    assert [content.is_proven for content in listening.queue.contents if isinstance(content, Arrival)] == [False]


def test_who_has_proven_to_be_one_sends_for_that_one_alone() -> None:
    listening = Listening()
    peer = listening.peer()
    peer.connection.belong_to("A1")
    peer.send(telegram("A1", Kind.BOOT) + PUSH.frame + FIELD["event-without-id"].frame)
    listening.queue.store()
    assert listening.queue.serials == ["A1", "A1"]
    (stray,) = listening.queue.strays
    assert (stray.reason, stray.sender, stray.raw) == (StrayReason.IDENTITY, "A1", PUSH.frame)
    assert PUSH.serial in stray.detail
    assert peer.received == ACK + PUSH.answer


def test_no_login_makes_it_another_one() -> None:
    listening = Listening()
    peer = listening.peer()
    peer.connection.belong_to("A1")
    peer.send(FIELD["login-0A"].frame + FIELD["event-without-id"].frame)
    assert listening.queue.serials == ["A1"]
    assert [stray.reason for stray in listening.queue.strays] == [StrayReason.IDENTITY]


def test_what_it_sends_that_cannot_be_read_is_recorded_under_it() -> None:
    listening = Listening()
    peer = listening.peer()
    peer.connection.belong_to("A1")
    peer.send(FIELD["ciphered"].frame[:-1])
    peer.close_our_side()
    (stray,) = listening.queue.strays
    assert stray.sender == "A1"
