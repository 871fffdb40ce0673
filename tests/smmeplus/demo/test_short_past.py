"""A past of two days, which takes a second: it is the same each time, all or nothing, and right on any day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from concentrators.models import Company, Concentrator
from smmeplus.demo import meters, past, story
from smmeplus.demo.past import load_demo
from smmeplus.demo.story import Outage, PlaceOutage, Story
from tests.smmeplus.demo.conftest import NOW, PORT
from wakeup.counts.rebuild import rebuild
from wakeup.models import ListenerRun, Message, StatusChange, StrayFrame, VerdictSpan
from wakeup.monitoring.changes.watcher import watch

pytestmark = pytest.mark.django_db
SHORT = Story(
    silent=((5, 10.0), (41, 8.0)),
    ours=Outage(30.0, 29.6),
    supply=(PlaceOutage(("Maipu", "Lo Espejo"), Outage(20.0, 18.0)), PlaceOutage(("N4-F1",), Outage(0.5, -1.0))),
    changed_at=26.0,
    drifted_at=8.0,
    read_back_at=7.0,
    out=Outage(6.0, -6.0),
    newcomer_at=9.0,
    removed_at=12.0,
)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (past, story):
        monkeypatch.setattr(module, "DAYS", 2)
    monkeypatch.setattr(past, "Story", lambda: SHORT)
    monkeypatch.setattr(meters.MeterPast, "load", lambda _self: None)  # which takes seconds


def told() -> tuple[list[object], ...]:
    """All that the past says, by names instead of keys."""
    of_field = Message.objects.filter(concentrator__is_canary=False)  # the address of a canary is made of its key
    messages = of_field.order_by("received_at", "concentrator__serial_number")
    changes = StatusChange.objects.order_by("at", "concentrator__serial_number", "to_status")
    spans = VerdictSpan.objects.order_by("began_at", "carrier")
    return (
        list(messages.values_list("concentrator__serial_number", "received_at", "kind", "source_ip")),
        list(changes.values_list("concentrator__serial_number", "at", "to_status", "reason", "verdict")),
        list(spans.values_list("carrier", "cause", "began_at", "ended_at")),
        list(StrayFrame.objects.order_by("sender").values_list("sender", "reason", "count", "last_at")),
    )


@pytest.mark.one_database(in_ci=True)
def test_it_is_the_same_each_time() -> None:
    found = []
    for _again in range(2):
        with transaction.atomic():
            assert load_demo(now=NOW, port=PORT)
            found.append(told())
            transaction.set_rollback(True)
    assert len(found[0][0]) > 5_000
    assert found[0] == found[1]


@pytest.mark.one_database(in_ci=True)
def test_a_first_run_that_is_interrupted_leaves_nothing_and_the_next_one_does_it_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(past, "record_strangers", interrupt)
        with pytest.raises(KeyboardInterrupt):
            load_demo(now=NOW, port=PORT)
    for model in (Company, Concentrator, Message, StatusChange, VerdictSpan, ListenerRun):
        assert not model._default_manager.exists()
    assert load_demo(now=NOW, port=PORT)
    assert StatusChange.objects.exists()


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 9, 6, 5, 0, tzinfo=UTC),  # an hour after Chile has put its clocks forward, at midnight
        datetime(2027, 4, 4, 4, 10, tzinfo=UTC),  # back
        datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
        datetime(2028, 3, 1, 3, 0, tzinfo=UTC),
    ],
)
def test_counts_and_status_are_right_on_any_day(now: datetime) -> None:
    assert load_demo(now=now, port=PORT)
    (one,) = rebuild([Company.objects.get()], dry_run=True)
    assert (one.wrong_totals, one.wrong_days) == (0, 0)
    before = StatusChange.objects.count()
    watch(now + timedelta(seconds=10))
    assert StatusChange.objects.count() == before > 100
