"""What is above a rate is answered after its count is committed, and not stored (SEC-2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from concentrators.models import Concentrator
from smmeplus.dlms.kinds import Kind
from tests.wakeup.listener.writers.intakes import Clock, Frame, Store, frame, run
from wakeup.counts.rebuild import rebuild
from wakeup.listener.metrics import Metrics, total
from wakeup.listener.writers.buckets import Buckets, Rates
from wakeup.listener.writers.intake import Intake
from wakeup.models import DailyCount, Format, Message, StrayFrame, SurplusCount, WakeupTotal
from wakeup.recording.arrivals import Arrival, Recorded
from wakeup.recording.recorder import record

NOON = datetime(2020, 9, 23, 12, 0, 30, tzinfo=UTC)
RATES = Rates(of_serial=60, burst_of_serial=120)


def arrival(serial: str, second: float = 0, kind: Kind = Kind.KEEPALIVE) -> Arrival:
    return Arrival(serial, kind, Format.PUSH, NOON + timedelta(seconds=second), "10.60.0.1", 58_692)


def intake_of(store: Store, metrics: Metrics, buckets: Buckets, writers: int = 1) -> Intake:
    clock = Clock()
    return Intake(writers, metrics, store, buckets=buckets, clock=clock, sleep=clock.sleep)


@pytest.mark.parametrize("writers", [1, 2])
@pytest.mark.parametrize("way", ["connection", "datagram"])
def test_what_is_above_is_answered_once_it_is_counted(writers: int, way: str) -> None:
    store, metrics, frames = Store(), Metrics(), [frame() for _ in range(10)]

    async def work() -> None:
        intake = intake_of(store, metrics, Buckets(Rates(of_serial=1, burst_of_serial=3)), writers)
        for one in frames:
            one.content = replace(one.content, kind=Kind.KEEPALIVE)
            if way == "connection":
                intake.put(one)
            else:
                assert intake.put_datagram(one)
        assert await intake.finish(20)
        await intake.stop()

    run(work())
    assert {one.outcome for one in frames} == {"stored"}
    assert (store.stored, store.surplus) == (["A1"] * 3, ["A1"] * 7)
    assert (total(metrics.messages), total(metrics.surplus)) == (3, 7)


def test_while_the_database_is_away_surplus_datagrams_do_not_take_the_place_of_a_last_gasp(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("wakeup.listener.writers.intake.MAX_KEPT_DATAGRAMS", 10)

    async def work() -> None:
        store = Store()
        store.go.clear()
        intake = intake_of(store, Metrics(), Buckets(Rates(of_serial=1, burst_of_serial=1)))
        flood: list[Frame[Arrival]] = [Frame(arrival("A1")) for _ in range(20)]
        kept = [intake.put_datagram(one) for one in flood]
        assert sum(kept) == 5
        assert intake.put_datagram(Frame(arrival("A1", kind=Kind.LASTGASP)))
        store.go.set()
        assert await intake.finish(20)
        await intake.stop()

    run(work())


def test_what_an_address_sends_above_is_counted_as_that_of_the_address() -> None:
    store, frames = Store(), [frame(f"A{number}") for number in range(6)]

    async def work() -> None:
        intake = intake_of(store, Metrics(), Buckets(Rates(of_address=1)))
        for number, one in enumerate(frames):
            one.content = replace(one.content, kind=Kind.KEEPALIVE)
            intake.put(one, is_behind_balancer=number == 5)
        assert await intake.finish(20)
        await intake.stop()

    run(work())
    assert (sorted(store.stored), store.surplus) == (["A0", "A1", "A5"], ["10.0.0.1"] * 3)


@pytest.mark.django_db
def test_30000_messages_of_one_serial_are_a_few_rows_and_the_recount_stays_true(in_field: Concentrator) -> None:
    """The full 300,000 are for ``tests.bench.attack``; here the clock is moved over the same five seconds."""
    buckets, serial = Buckets(RATES), in_field.serial_number
    for step in range(50):
        buckets.refill(step / 10)
        sent = [arrival(serial, step / 10 + n / 1_000_000) for n in range(600)]
        above = [one for one in sent if buckets.sender_above(one)]
        times = {one.received_at for one in above}
        below = [one for one in sent if one.received_at not in times] if step < 2 or step % 10 == 0 else []
        record(below, above)
    kept = Message.objects.count()
    assert 120 <= kept < 130
    assert SurplusCount.objects.count() == 1
    assert StrayFrame.objects.count() == 0
    assert (WakeupTotal.objects.get().wakeup_count, DailyCount.objects.get().wakeup_count) == (kept, kept)
    (found,) = rebuild([in_field.company])
    assert (found.wrong_totals, found.wrong_days) == (0, 0)


@pytest.mark.django_db
def test_surplus_is_counted_by_sender_and_minute(in_field: Concentrator) -> None:
    one, other = in_field.serial_number, "NOBODY1"
    recorded = record([arrival(one)], [arrival(one, 1), arrival(one, 29), arrival(other), arrival(one, 31)])
    assert (recorded.surplus, sum(recorded.messages.values())) == (3 + 1, 1)
    record([], [arrival(one, 40)])
    rows = SurplusCount.objects.order_by("sender", "minute").values_list("sender", "minute", "count")
    minute = NOON.replace(second=0)
    assert set(rows) == {
        (one, minute, 2),
        (one, minute + timedelta(minutes=1), 2),
        (other, minute, 1),
    }
    assert not StrayFrame.objects.exists()


def test_metrics_count_it() -> None:
    metrics = Metrics()
    metrics.count(Recorded.of([], [], 7))
    metrics.count(Recorded())
    assert total(metrics.surplus) == 7
