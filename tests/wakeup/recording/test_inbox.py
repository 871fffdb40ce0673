"""The places of the inbox: shared out by network, and the newest before what came once (LIS-6, SEC-2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps

from smmeplus.common.chunks import in_chunks
from smmeplus.common.networks import network_around
from smmeplus.dlms.kinds import Kind
from wakeup.models import Format, StrayFrame, StrayReason
from wakeup.models.strays import MAX_OF_NETWORK, MAX_STRAY_SENDERS, Stray
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

pytestmark = pytest.mark.django_db

NOON = datetime(2020, 9, 23, 12, tzinfo=UTC)
INVENTED = 12_000


def arrival(serial: str, address: str = "10.60.0.10", second: int = 0) -> Arrival:
    return Arrival(serial, Kind.KEEPALIVE, Format.PUSH, NOON + timedelta(seconds=second), address, 58_692)


def refused(address: str, connections: int = 0) -> Stray:
    return Stray(StrayReason.MALFORMED, address, NOON, address, b"\x00", "too short", connections=connections)


def counts() -> dict[str, int]:
    return {stray.sender: stray.count for stray in StrayFrame.objects.all()}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five places, of which a network may have two."""
    monkeypatch.setattr("wakeup.recording.inbox.MAX_STRAY_SENDERS", 5)
    monkeypatch.setattr("wakeup.recording.inbox.MAX_OF_NETWORK", 2)


def invented(address_of: Iterator[str]) -> None:
    """What a stranger sends who invents a serial number for each message, in batches as the listener makes them."""
    arrivals = [arrival(f"X{number:05}", next(address_of), number) for number in range(INVENTED)]
    for batch in in_chunks(arrivals, 1_000):
        record(batch)


def one_address() -> Iterator[str]:
    while True:
        yield "10.60.1.7"


def one_network() -> Iterator[str]:
    while True:
        yield from (f"10.60.1.{host}" for host in range(256))


def many_networks() -> Iterator[str]:
    """More of them than shares fit into the inbox."""
    while True:
        yield from (f"10.{number}.1.7" for number in range(60))


@pytest.mark.parametrize("address_of", [one_address, one_network, many_networks])
def test_12000_invented_serials_leave_a_true_newcomer_visible(address_of: type[Iterator[str]]) -> None:
    record([arrival("FORMER0001", "192.0.2.8"), arrival("FORMER0001", "192.0.2.8", 1)])
    invented(address_of())
    record([arrival("NEWCOMER0001", "192.0.2.9", INVENTED)])
    found = counts()
    assert (found["NEWCOMER0001"], found["FORMER0001"]) == (1, 2)
    assert sum(found.values()) == INVENTED + 3  # none is lost without a trace
    assert "X11999" in found  # the newest of the stranger's own
    listed = StrayFrame.objects.listed().count()
    assert listed == (MAX_STRAY_SENDERS if address_of is many_networks else MAX_OF_NETWORK + 2)


def test_the_bounds_are_as_documented() -> None:
    assert (MAX_STRAY_SENDERS, MAX_OF_NETWORK) == (10_000, 500)


@pytest.mark.usefixtures("small")
def test_a_network_keeps_to_its_share_and_its_newest_come_first() -> None:
    record([arrival("A", second=1), arrival("B", second=2), arrival("C", second=3)])
    assert counts() == {"B": 1, "C": 1, StrayFrame.OTHERS: 1}
    record([arrival("D", second=4)])
    assert counts() == {"C": 1, "D": 1, StrayFrame.OTHERS: 2}


@pytest.mark.usefixtures("small")
def test_who_has_come_twice_gives_way_to_nobody() -> None:
    record([arrival("A", second=1), arrival("A", second=2), arrival("B", second=3)])
    record([arrival("B", second=4), arrival("C", second=5)])
    assert counts() == {"A": 2, "B": 2, StrayFrame.OTHERS: 1}


@pytest.mark.usefixtures("small")
def test_who_comes_again_in_the_same_batch_as_newcomers_stays() -> None:
    record([arrival("A", second=1), arrival("B", second=2)])
    record([arrival("A", second=3), arrival("C", second=4), arrival("D", second=5)])
    assert counts() == {"A": 2, "D": 1, StrayFrame.OTHERS: 2}


@pytest.mark.usefixtures("small")
def test_a_full_inbox_takes_the_newest_for_the_oldest_that_came_once() -> None:
    record([arrival(f"S{number}", f"10.60.{number}.1", number) for number in range(5)])
    record([arrival("S0", "10.60.0.1", 5)])
    record([arrival("NEW", "10.61.0.1", 6)])
    assert counts() == {"S0": 2, "S2": 1, "S3": 1, "S4": 1, "NEW": 1, StrayFrame.OTHERS: 1}


@pytest.mark.usefixtures("small")
def test_what_gave_way_is_counted_with_its_times_and_its_connections() -> None:
    record([], [refused("10.60.0.1", 1)])
    record([arrival("A", second=1), arrival("B", second=2)])
    other = StrayFrame.objects.get(sender=StrayFrame.OTHERS)
    assert (other.reason, other.count, other.connections) == (StrayReason.MALFORMED, 1, 1)
    assert (other.first_at, other.last_at, other.detail) == (NOON, NOON, "too short")
    record([], [refused("10.60.0.1", 1)])
    other.refresh_from_db()
    assert (other.count, other.connections) == (1, 1)
    assert StrayFrame.objects.get(sender=StrayFrame.OTHERS, reason=StrayReason.UNKNOWN).count == 1


@pytest.mark.usefixtures("small")
def test_ignored_senders_take_no_place() -> None:
    record([arrival("A", second=1), arrival("B", second=2)])
    assert StrayFrame.objects.filter(sender="A").ignore() == 1
    record([arrival("C", second=3), arrival("A", second=4)])
    assert counts() == {"A": 2, "B": 1, "C": 1}
    assert StrayFrame.objects.listed().count() == 2


def test_of_ignored_senders_the_newest_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wakeup.models.strays.MAX_STRAY_SENDERS", 2)
    record([arrival(f"S{number}", second=number) for number in range(4)])
    assert StrayFrame.objects.filter(sender__in=["S0", "S1", "S2"]).ignore() == 3
    assert counts() == {"S1": 1, "S2": 1, "S3": 1}


def test_an_address_says_how_many_connections_it_hid() -> None:
    record([], [refused("10.60.0.1", 1), refused("10.60.0.1", 0), refused("10.60.0.1", 1)])
    record([], [refused("10.60.0.1", 1)])
    stray = StrayFrame.objects.get()
    assert (stray.count, stray.connections, stray.network) == (4, 3, "10.60.0.0/24")


def test_an_identity_that_is_too_long_is_cut_and_still_one_sender() -> None:
    for _ in range(2):
        record([], [Stray(StrayReason.CIPHERED, "T" * 64, NOON, "10.60.0.1", b"\xdb")])
    assert counts() == {"T" * 39: 2}


def test_an_older_batch_that_comes_later_does_not_set_the_last_time_back() -> None:
    record([arrival("A", second=9)])
    record([arrival("A", second=1)])
    assert StrayFrame.objects.get().last_at == NOON + timedelta(seconds=9)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.60.1.7", "10.60.1.0/24"),
        ("0.0.0.0", "0.0.0.0/24"),
        ("2001:db8:1:2::7", "2001:db8:1::/48"),
        ("::1", "::/48"),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff::/48"),
    ],
)
def test_the_network_around_an_address(address: str, network: str) -> None:
    assert network_around(address) == network
    assert len(network) <= (StrayFrame._meta.get_field("network").max_length or 0)


def test_rows_from_before_there_were_networks_get_theirs() -> None:
    record([arrival("A", "10.60.1.7"), arrival("B", "2001:db8:1:2::7")])
    StrayFrame.objects.update(network="")
    import_module("wakeup.migrations.0008_network_of_strays").fill(apps, None)
    networks = dict(StrayFrame.objects.values_list("sender", "network"))
    assert networks == {"A": "10.60.1.0/24", "B": "2001:db8:1::/48"}
