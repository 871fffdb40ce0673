"""What one address may have, and which addresses may send at all (LIS-3, SEC-1)."""

from __future__ import annotations

from ipaddress import ip_network

from tests.smmeplus.dlms.vectors import BY_NAME
from tests.wakeup.listener.connections.peers import Listening, Peer
from tests.wakeup.listener.counted import counted
from wakeup.listener.connections.limits import Limits

CERCO1 = BY_NAME["DN-P-cerco1"]
FRAME = CERCO1.frame
FRAME_S = Limits().frame_s


def test_one_address_cannot_take_the_places_of_all() -> None:
    listening = Listening(Limits(per_address=2))
    first, second = busy(listening), busy(listening)
    third = listening.peer("10.0.0.1")
    assert (third.end(), counted(listening.metrics.cut_off)) == ("reset", {"address": 1})
    assert listening.peer("10.0.0.2").end() == ""
    first.vanish()
    assert (busy(listening).end(), second.end()) == ("", ""), "a place is free again"
    assert listening.peer("10.0.0.1").end() == "reset"


def busy(listening: Listening) -> Peer:
    """A peer whose message is not answered yet."""
    peer = listening.peer("10.0.0.1")
    peer.send(FRAME)
    return peer


def test_of_an_address_the_one_that_was_silent_longest_gives_way_to_a_newcomer() -> None:
    listening = Listening(Limits(per_address=3))
    elsewhere = listening.peer("10.0.0.2")
    first, second, third = (listening.peer("10.0.0.1") for _ in range(3))
    listening.sweep_after(1)
    first.send(FRAME)
    listening.queue.store()  # so it is silent since now
    assert listening.peer("10.0.0.1").end() == ""
    assert [peer.end() for peer in (elsewhere, first, second, third)] == ["", "", "closed", ""]
    assert [listening.peer("10.0.0.1").end() for _ in range(3)] == [""] * 3
    assert [peer.end() for peer in (elsewhere, first, third)] == ["", "closed", "closed"]
    assert counted(listening.metrics.cut_off) == {"displaced": 4}


def test_a_thousand_silent_ones_of_an_address_keep_nobody_out() -> None:
    listening = Listening(Limits(per_address=1_000))
    hoard = [listening.peer("10.0.0.1") for _ in range(1_000)]
    honest = [busy(listening) for _ in range(20)]
    listening.queue.store()
    assert {peer.received for peer in honest} == {CERCO1.answer}
    assert [peer.end() for peer in hoard].count("closed") == 20


def test_halves_of_frames_do_not_give_way_before_their_time() -> None:
    listening = Listening(Limits(per_address=1))
    half = listening.peer("10.0.0.1")
    half.send(FRAME[:9])
    assert listening.peer("10.0.0.1").end() == "reset"
    listening.sweep_after(FRAME_S + 1)
    listening.queue.store()
    assert half.end() == "closed"


def test_from_outside_the_networks_nothing_is_read() -> None:
    listening = Listening(Limits(networks=(ip_network("10.60.0.0/16"), ip_network("2001:db8::/32"))))
    ends = {host: listening.peer(host).end() for host in ("10.60.0.1", "10.61.0.1", "2001:db8::1", "::ffff:10.60.0.2")}
    assert ends == {"10.60.0.1": "", "10.61.0.1": "reset", "2001:db8::1": "", "::ffff:10.60.0.2": ""}
    assert counted(listening.metrics.cut_off) == {"network": 1}
    assert not listening.queue.contents


def test_behind_a_balancer_the_concentrators_own_address_is_judged() -> None:
    limits = Limits(networks=(ip_network("10.60.0.0/16"),), proxies=(ip_network("10.1.1.1"),))
    listening = Listening(limits)
    ends = []
    for source in (b"10.60.0.1", b"10.1.1.1", b"192.0.2.1"):
        peer = listening.peer("10.1.1.1")
        peer.send(b"PROXY TCP4 " + source + b" 10.1.1.1 5 6\r\n" + FRAME)
        ends.append(peer.end())
    assert ends == ["", "reset", "reset"]
    assert [content.source_ip for content in listening.queue.contents] == ["10.60.0.1"]


def test_without_a_limit_per_address_one_may_have_all() -> None:
    listening = Listening(Limits(connections=50, per_address=0))
    assert {listening.peer().end() for _ in range(50)} == {""}


def test_behind_a_balancer_the_limit_is_that_of_the_concentrators_own_address() -> None:
    listening = Listening(Limits(per_address=2, proxies=(ip_network("10.1.1.1"),)))
    peers = [listening.peer("10.1.1.1") for _ in range(4)]
    for peer, line in zip(peers, (b"TCP4 10.2.2.2", b"TCP4 10.2.2.2", b"TCP4 10.3.3.3", b"TCP4 10.2.2.2"), strict=True):
        peer.send(b"PROXY " + line + b" 10.1.1.1 5 6\r\n")
    assert [peer.end() for peer in peers] == ["closed", "", "", ""], "the first has given way to the last"
    checks = [listening.peer("10.1.1.1") for _ in range(4)]
    for check in checks:
        check.send(b"PROXY UNKNOWN\r\n")
    assert {check.end() for check in checks} == {""}, "the balancer itself has no limit"
    assert counted(listening.metrics.cut_off) == {"displaced": 1}
