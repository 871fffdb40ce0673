"""A PROXY header on a connection: whose it is, from whom it is taken, and who leaves no trace (WIR-7)."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network

import pytest

from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.telegram import ACK, telegram
from tests.smmeplus.dlms.vectors import BY_NAME
from tests.wakeup.listener.connections.peers import Listening, Peer
from tests.wakeup.listener.connections.test_proxy import BLOCK, GOOD, LINE
from tests.wakeup.listener.counted import counted
from wakeup.listener.connections.limits import Limits
from wakeup.models import StrayReason
from wakeup.recording.arrivals import Arrival

BALANCER = "10.1.1.1"
CERCO1 = BY_NAME["DN-P-cerco1"]
HEADERS = {name: header for name, (header, _source) in GOOD.items() if header in (LINE, BLOCK)}
CHECKS = {name: header for name, (header, source) in GOOD.items() if source is None}
LIMITS = Limits(proxies=(ip_network("10.1.0.0/16"), ip_network("2001:db8::/32")))

each_header = pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
each_check = pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)


@pytest.fixture
def listening() -> Listening:
    return Listening(LIMITS)


@pytest.fixture
def balancer(listening: Listening) -> Callable[[], Peer]:
    return lambda: listening.peer(BALANCER)


@each_header
def test_the_concentrators_own_address_is_recorded_wherever_the_header_is_split(
    listening: Listening, balancer: Callable[[], Peer], header: bytes
) -> None:
    data = header + CERCO1.frame + telegram("A1", Kind.BOOT)
    for cut in range(1, len(data)):
        peer = balancer()
        peer.send(data[:cut])
        peer.send(data[cut:])
        listening.queue.store()
        peer.close_our_side()
        assert (peer.received, peer.end()) == (CERCO1.answer + ACK, "closed"), cut
    assert {content.source_ip for content in listening.queue.contents} == {"10.60.0.10"}
    assert listening.queue.serials == [CERCO1.serial, "A1"] * (len(data) - 1)
    assert not counted(listening.metrics.cut_off)


@pytest.mark.parametrize("host", ["10.1.200.3", "::ffff:10.1.1.1", "2001:db8::1"])
def test_balancers_are_listed_by_network(listening: Listening, host: str) -> None:
    listening.peer(host).send(LINE + CERCO1.frame)
    assert [content.source_ip for content in listening.queue.contents] == ["10.60.0.10"]


def test_the_intake_hears_who_is_behind_a_balancer(listening: Listening, balancer: Callable[[], Peer]) -> None:
    balancer().send(LINE + 2 * CERCO1.frame)
    listening.peer("10.60.0.10").send(CERCO1.frame)
    assert listening.queue.behind_balancer == [True, True, False]


def test_a_refused_frame_behind_a_header_is_the_concentrators(
    listening: Listening, balancer: Callable[[], Peer]
) -> None:
    peer = balancer()
    peer.send(LINE + b"\xff")
    peer.close_our_side()
    (stray,) = listening.queue.strays
    assert (stray.sender, stray.source_ip, stray.raw) == ("10.60.0.10", "10.60.0.10", b"\xff")


@each_header
def test_a_second_header_is_no_frame(listening: Listening, balancer: Callable[[], Peer], header: bytes) -> None:
    peer = balancer()
    peer.send(header + header)
    peer.close_our_side()
    (stray,) = listening.queue.strays
    assert stray.source_ip == "10.60.0.10"
    assert "no format begins with" in stray.detail


@each_header
def test_from_an_address_that_is_not_listed_a_header_is_refused(listening: Listening, header: bytes) -> None:
    for cut in range(1, len(header)):
        peer = listening.peer("10.2.1.1")
        peer.send(header[:cut])
        if not listening.queue.waiting:
            peer.send(header[cut:] + CERCO1.frame)
        (stray,) = (pending.content for pending in listening.queue.waiting)
        assert (stray.source_ip, listening.queue.strays[-1].reason) == ("10.2.1.1", StrayReason.MALFORMED)
        detail = listening.queue.strays[-1].detail
        assert detail == "a PROXY header from 10.2.1.1, which is not listed as a balancer: see --proxies"
        assert not peer.end()
        listening.queue.store()
        assert (peer.received, peer.end()) == (b"", "reset"), "the message behind it was not stored"
    assert counted(listening.metrics.cut_off)["proxy"] == len(header) - 1
    assert not listening.queue.serials


def test_what_only_begins_like_a_header_is_refused_like_other_junk(listening: Listening) -> None:
    for data in (b"POST / HTTP/1.1\r\n", b"\r\n\r\nhello", b"PROXY\r\n"):
        peer = listening.peer("10.2.1.1")
        peer.send(data)
        peer.close_our_side()
        listening.queue.store()
        assert peer.end() == "closed"
        assert "no format begins with" in listening.queue.strays[-1].detail
    assert not counted(listening.metrics.cut_off)


def test_what_is_too_short_to_tell_has_a_frames_time(listening: Listening) -> None:
    peer = listening.peer("10.2.1.1")
    peer.send(b"P")
    assert not listening.queue.contents
    listening.sweep_after(LIMITS.frame_s + 1)
    assert [stray.raw for stray in listening.queue.strays] == [b"P"]


def test_a_header_in_the_middle_of_a_connection_is_no_frame(listening: Listening) -> None:
    peer = listening.peer("10.2.1.1")
    peer.send(CERCO1.frame + LINE + CERCO1.frame)
    assert listening.queue.serials == [CERCO1.serial] * 2
    (stray,) = listening.queue.strays
    assert (stray.reason, stray.raw) == (StrayReason.JUNK, LINE)


@pytest.mark.parametrize("data", [CERCO1.frame, telegram("A1", Kind.BOOT), b"\xff"], ids=["frame", "telegram", "junk"])
def test_without_a_header_a_balancers_connection_is_refused_unanswered(
    listening: Listening, balancer: Callable[[], Peer], data: bytes
) -> None:
    peer = balancer()
    peer.send(data)
    (stray,) = listening.queue.strays
    assert (stray.source_ip, stray.raw) == (BALANCER, data)
    assert "10.1.1.1 is listed as a balancer" in stray.detail
    listening.queue.store()
    assert (peer.received, peer.end(), counted(listening.metrics.cut_off)) == (b"", "reset", {"proxy": 1})


def test_a_broken_header_is_recorded_as_the_balancers(listening: Listening, balancer: Callable[[], Peer]) -> None:
    peer = balancer()
    peer.send(LINE.replace(b"40000", b"70000") + CERCO1.frame)
    (stray,) = listening.queue.strays
    assert (stray.source_ip, stray.detail) == (BALANCER, "a port in the PROXY header is not a number from 0 to 65535")
    listening.queue.store()
    assert peer.end() == "reset"


@each_check
@pytest.mark.parametrize("leave", [Peer.close_our_side, Peer.vanish], ids=["FIN", "RST"])
def test_a_health_check_leaves_no_trace(
    listening: Listening, balancer: Callable[[], Peer], check: bytes, leave: Callable[[Peer], None]
) -> None:
    for data in (b"", check):
        peer = balancer()
        if data:
            peer.send(data)
        leave(peer)
        assert peer.end() in ("closed", "gone")
    assert not listening.queue.contents
    assert not counted(listening.metrics.cut_off)
    assert not listening.connections.open


@each_check
def test_a_frame_behind_a_health_checks_header_is_recorded_as_the_balancers(
    listening: Listening, balancer: Callable[[], Peer], check: bytes
) -> None:
    peer = balancer()
    peer.send(check)
    peer.send(CERCO1.frame)
    (arrival,) = listening.queue.contents
    assert isinstance(arrival, Arrival)
    assert (arrival.serial, arrival.source_ip) == (CERCO1.serial, BALANCER)


def test_a_header_byte_by_byte_has_a_frames_time(listening: Listening, balancer: Callable[[], Peer]) -> None:
    peer = balancer()
    for second in range(11):
        peer.send(LINE[second : second + 1])
        listening.sweep_after(1)
    (stray,) = listening.queue.strays
    assert (stray.raw, stray.source_ip) == (LINE[:11], BALANCER)
    assert stray.detail == "the PROXY header was not complete after 10 s"
    assert counted(listening.metrics.cut_off)["slow"] == 1


def test_a_header_that_ends_in_the_middle_is_recorded(listening: Listening, balancer: Callable[[], Peer]) -> None:
    peer = balancer()
    peer.send(LINE[:20])
    peer.close_our_side()
    assert listening.queue.strays[0].detail == "the connection was closed in the middle of the PROXY header"


def test_a_balancer_that_says_nothing_is_closed_after_a_frames_time(
    listening: Listening, balancer: Callable[[], Peer]
) -> None:
    peer = balancer()
    listening.sweep_after(LIMITS.frame_s + 1)
    assert (peer.end(), listening.queue.contents) == ("closed", [])


def test_behind_its_header_a_connection_may_be_silent_as_long_as_any(
    listening: Listening, balancer: Callable[[], Peer]
) -> None:
    peer = balancer()
    peer.send(LINE)
    listening.sweep_after(LIMITS.idle_s)
    assert not peer.end()
    listening.sweep_after(1)
    assert peer.end() == "closed"


def test_while_the_intake_is_full_a_header_is_read_and_the_frame_behind_it_waits(
    listening: Listening, balancer: Callable[[], Peer]
) -> None:
    listening.queue.is_full = True
    peer = balancer()
    assert peer.is_asked()
    peer.send(LINE + CERCO1.frame)
    assert (peer.is_asked(), listening.queue.contents) == (False, [])
    listening.queue.make_room()
    assert [content.source_ip for content in listening.queue.contents] == ["10.60.0.10"]
