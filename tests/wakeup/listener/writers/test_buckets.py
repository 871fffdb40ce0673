"""How many messages of a sender are stored; the clock is moved (SEC-2)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smmeplus.dlms.kinds import Kind
from wakeup.listener.writers import buckets as module
from wakeup.listener.writers.buckets import UNLIMITED, Buckets, Rates
from wakeup.models import Format
from wakeup.recording.arrivals import Arrival

NOW = datetime(2020, 9, 23, tzinfo=UTC)
DEFAULT = Rates(of_serial=60, burst_of_serial=120)


def arrival(serial: str = "A1", address: str = "10.60.0.1", kind: Kind = Kind.KEEPALIVE) -> Arrival:
    return Arrival(serial, kind, Format.PUSH, NOW, address, 58_692)


def stored(buckets: Buckets, count: int, one: Arrival | None = None) -> int:
    """How many of ``count`` messages are stored."""
    one = one or arrival()
    return sum(buckets.sender_above(one) is None for _ in range(count))


def test_a_burst_and_then_the_rate() -> None:
    buckets = Buckets(DEFAULT)
    buckets.refill(0.0)
    assert stored(buckets, 500) == 120
    for second in range(1, 10):
        buckets.refill(float(second))
        assert stored(buckets, 500) == 1
    buckets.refill(9.5)
    assert stored(buckets, 500) == 0, "half a place is none"
    buckets.refill(10.0)
    assert stored(buckets, 500) == 1


def test_who_is_silent_for_long_has_no_more_than_the_burst() -> None:
    buckets = Buckets(DEFAULT)
    buckets.refill(0.0)
    stored(buckets, 120)
    buckets.refill(100_000.0)
    assert stored(buckets, 500) == 120


def test_each_serial_number_has_its_own() -> None:
    buckets = Buckets(Rates(of_serial=1, burst_of_serial=1))
    assert [buckets.sender_above(arrival(serial)) for serial in ("A", "A", "B", "A")] == [None, "A", None, "A"]


@pytest.mark.parametrize("burst", [0, 1])
def test_at_least_one_message_is_stored_at_once(burst: int) -> None:
    buckets = Buckets(Rates(of_serial=60, burst_of_serial=burst))
    assert stored(buckets, 3) == 1


def test_a_rate_of_0_is_no_limit_and_remembers_nobody() -> None:
    for buckets in (UNLIMITED, Buckets(Rates(0, 5, 0))):
        assert stored(buckets, 10_000) == 10_000
        assert buckets.senders == 0


def test_no_rate_that_divides_badly_takes_a_place_away() -> None:
    buckets = Buckets(Rates(of_serial=7, burst_of_serial=120))
    buckets.refill(0.0)
    assert stored(buckets, 200) == 120
    for n in range(1, 60):
        buckets.refill(n * 60 / 7 + 1e-6)
        assert stored(buckets, 3) == 1


@pytest.mark.parametrize("kind", [Kind.BOOT, Kind.LASTGASP, Kind.OTHER])
def test_the_first_of_a_kind_in_a_minute_is_always_stored(kind: Kind) -> None:
    buckets = Buckets(Rates(of_serial=1, burst_of_serial=1))
    buckets.refill(0.0)
    assert stored(buckets, 9) == 1
    assert stored(buckets, 9, arrival(kind=kind)) == 1
    buckets.refill(59.0)
    assert stored(buckets, 9, arrival(kind=kind)) == 0
    buckets.refill(60.0)
    assert stored(buckets, 9, arrival(kind=kind)) == 2, "that of the rate and the first of the minute"


def test_a_keepalive_has_no_such_right_and_takes_none_from_others() -> None:
    buckets = Buckets(Rates(of_serial=1, burst_of_serial=1))
    stored(buckets, 9)
    assert stored(buckets, 9, arrival("B", kind=Kind.BOOT)) == 2
    assert stored(buckets, 9, arrival(kind=Kind.BOOT)) == 1


def test_an_address_has_a_limit_of_its_own_only_if_one_is_set() -> None:
    buckets = Buckets(Rates(of_address=3))
    found = [buckets.sender_above(arrival(f"S{number}")) for number in range(8)]
    assert found == [*[None] * 6, *["10.60.0.1"] * 2], "twice as many at once"
    assert buckets.sender_above(arrival("S9", "10.60.0.2")) is None
    assert stored(Buckets(DEFAULT), 1_000, arrival(address="10.60.0.1")) == 120


def test_addresses_of_and_behind_a_balancer_have_no_limit() -> None:
    buckets = Buckets(Rates(of_address=1), is_shared=lambda address: address == "10.132.20.228")
    assert stored(buckets, 100, arrival(address="10.132.20.228")) == 100
    behind = arrival(address="10.60.0.9")
    assert {buckets.sender_above(behind, is_behind_balancer=True) for _ in range(100)} == {None}
    assert stored(buckets, 100, behind) == 2


def test_what_an_address_may_not_is_counted_by_the_address_however_many_serials_it_invents() -> None:
    buckets = Buckets(Rates(60, 120, of_address=10))
    found = {buckets.sender_above(arrival(f"S{number}")) for number in range(1_000)}
    assert found == {None, "10.60.0.1"}


def test_memory_is_bounded_and_idle_senders_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SENDERS", 100)
    buckets = Buckets(Rates(of_serial=60, burst_of_serial=120))
    buckets.refill(0.0)
    for number in range(1_000):
        buckets.sender_above(arrival(f"S{number}"))
    buckets.refill(0.5)
    assert buckets.senders == 100
    assert stored(buckets, 200, arrival("S999")) == 119, "the newest are remembered"
    buckets.refill(1.0)
    assert buckets.senders == 1
