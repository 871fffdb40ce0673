"""Datagrams by way of a balancer bear the concentrator's own address (WIR-7)."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from tests.smmeplus.dlms.vectors import BY_NAME
from tests.wakeup.listener.connections.test_datagrams import Hearing
from tests.wakeup.listener.connections.test_proxy import BLOCK, LINE
from wakeup.listener.connections import balanced
from wakeup.listener.connections.limits import Limits
from wakeup.models import StrayReason
from wakeup.models.strays import Stray
from wakeup.recording.arrivals import Arrival

GASP = BY_NAME["DN-P-lastgasp"].frame
CONFIRMED = BY_NAME["DN-P-confirmed"]
BALANCER = "10.1.1.1"
FROM = (BALANCER, 40_000)
UNKNOWN = b"PROXY UNKNOWN\r\n"


@pytest.fixture
def hearing() -> Hearing:
    return Hearing(limits=Limits(proxies=(ip_network("10.1.1.0/24"),)))


def addresses(hearing: Hearing) -> list[str]:
    return [content.source_ip for content in hearing.contents if isinstance(content, Arrival)]


def refusals(hearing: Hearing) -> list[str]:
    strays = [content for content in hearing.contents if isinstance(content, Stray)]
    assert {stray.reason for stray in strays} <= {StrayReason.MALFORMED}
    assert {stray.source_ip for stray in strays} <= {BALANCER}
    return [stray.detail for stray in strays]


@pytest.mark.parametrize("header", [LINE, BLOCK, BLOCK[:13] + b"\x12" + BLOCK[14:]], ids=["1", "2", "2: datagram"])
def test_a_header_says_where_a_datagram_comes_from(hearing: Hearing, header: bytes) -> None:
    hearing.hear(header + GASP + GASP, FROM)
    assert addresses(hearing) == ["10.60.0.10"] * 2


def test_the_answer_goes_to_the_balancer(hearing: Hearing) -> None:
    hearing.hear(LINE + CONFIRMED.frame, FROM)
    hearing.room.kept[0].stored()
    assert hearing.transport.sent == [(CONFIRMED.answer, FROM)]


def test_a_header_holds_for_the_later_datagrams_of_its_session(hearing: Hearing) -> None:
    hearing.hear(LINE + GASP, FROM)
    for _ in range(3):
        hearing.now += balanced.SESSION_S
        hearing.hear(GASP, FROM)
    assert addresses(hearing) == ["10.60.0.10"] * 4
    hearing.now += balanced.SESSION_S + 1
    hearing.hear(GASP, FROM)
    assert "10.1.1.1 is listed as a balancer" in refusals(hearing)[0]


def test_another_port_is_another_session_and_a_new_header_counts(hearing: Hearing) -> None:
    hearing.hear(LINE + GASP, FROM)
    hearing.hear(LINE.replace(b"10.60.0.10", b"10.60.0.11") + GASP, FROM)
    hearing.hear(GASP, FROM)
    hearing.hear(GASP, (BALANCER, 40_001))
    hearing.hear(GASP, ("10.1.1.2", 40_000))
    assert addresses(hearing) == ["10.60.0.10", "10.60.0.11", "10.60.0.11"]


def test_a_balancers_datagram_without_a_header_is_refused_with_the_reason(hearing: Hearing) -> None:
    hearing.hear(GASP, FROM)
    (detail,) = refusals(hearing)
    assert detail.startswith("10.1.1.1 is listed as a balancer, so its datagrams must begin with a PROXY header")
    assert len(detail) <= 200


@pytest.mark.parametrize("wrong", [LINE[:20], LINE.replace(b"40000", b"70000") + GASP, BLOCK[:15]])
def test_a_broken_header_is_refused_as_the_balancers(hearing: Hearing, wrong: bytes) -> None:
    hearing.hear(wrong, FROM)
    assert "PROXY header" in refusals(hearing)[0]


def test_a_health_check_leaves_no_trace_and_a_frame_behind_it_is_the_balancers(hearing: Hearing) -> None:
    hearing.hear(UNKNOWN, FROM)
    assert not hearing.contents
    hearing.hear(UNKNOWN + GASP, FROM)
    assert addresses(hearing) == [BALANCER]


def test_a_header_from_elsewhere_is_refused(hearing: Hearing) -> None:
    hearing.hear(LINE + GASP, ("10.9.9.9", 40_000))
    (stray,) = hearing.contents
    assert isinstance(stray, Stray)
    assert (stray.source_ip, "not listed as a balancer" in stray.detail) == ("10.9.9.9", True)


def test_there_are_no_more_sessions_than_the_listener_has_room_for(
    hearing: Hearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(balanced, "MAX_SESSIONS", 2)
    for port in (1, 2):
        hearing.hear(LINE + GASP, (BALANCER, port))
    hearing.hear(GASP, (BALANCER, 1))
    hearing.hear(LINE + GASP, (BALANCER, 3))
    hearing.hear(GASP, (BALANCER, 2))
    hearing.hear(GASP, (BALANCER, 1))
    assert len(addresses(hearing)) == 5
    assert len(refusals(hearing)) == 1
