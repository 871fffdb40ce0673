"""The fleet as Prometheus reads it: everything there is a number for, from nothing on, and seldom asked (OPS-2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from prometheus_client import CollectorRegistry, generate_latest

from concentrators.models import Company, Concentrator, Watch
from reports.models import Kind, StoredMonth, Subscription
from smmeplus.metrics.figures import Figures, figures_at
from smmeplus.metrics.fleet import KEPT_S, NAMESPACE, Fleet
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.metrics.shown import samples
from tests.smmeplus.users import make_viewer
from tests.wakeup.monitoring.notifications.happenings import make_alarm, make_receiver
from wakeup.models import Delivery, ListenerRun, MinuteCount, StrayFrame, VerdictSpan

pytestmark = [pytest.mark.django_db, pytest.mark.time]

NOW = datetime(2026, 4, 15, 12, 0, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Shown = dict[str, float]


def shown(fleet: Fleet | None = None) -> Shown:
    registry = CollectorRegistry()
    registry.register(fleet or Fleet())
    with time_machine.travel(NOW, tick=False):
        return samples(generate_latest(registry).decode(), NAMESPACE)


def count(company: Company, minutes_ago: int, wakeups: int, expected: float, others: int = 0) -> None:
    minute = NOW.replace(second=0) - minutes_ago * MINUTE
    MinuteCount.objects.create(company=company, minute=minute, wakeups=wakeups, others=others, expected=expected)


def deliver_later(since: datetime, **receiver: Any) -> None:
    made = make_receiver(**receiver)
    times = {"made_at": since, "not_before": since, "next_try_at": since}
    Delivery.objects.create(receiver=made, number=1, key=f"key {made.pk}", event="test", **times)


def test_an_empty_database_has_a_number_for_everything() -> None:
    found = shown()
    assert {
        found[name] for name in ("listeners", "deliveries_due", "delivery_wait_seconds", "prune_behind_seconds")
    } == {0}
    assert (found["strays reason=unknown"], found["strays reason=tls"]) == (0, 0)
    assert found["alarms_open acknowledged=no priority=high"] == 0
    assert (found["reports_unmailed kind=daily"], found["reports_unmailed kind=monthly"]) == (0, 0)
    assert (found["verdict cause=ok"], found["verdict cause=our side"]) == (0, 0)
    assert found["readable"] == 1
    assert not [name for name in found if "timestamp" in name and not name.startswith("partitions")]


def test_concentrators_are_counted_by_company_status_and_state_without_canaries(chile: Company) -> None:
    peru = CompanyFactory.create(name="Peru")
    for status in ("late", "late", "reachable"):
        made = ConcentratorFactory.create(company=chile, in_field=True)
        Watch.objects.filter(concentrator=made).update(status=status)
    ConcentratorFactory.create(company=peru)
    canary = ConcentratorFactory.create(company=peru, in_field=True)
    Concentrator.objects.filter(pk=canary.pk).update(is_canary=True)
    found = shown()
    assert found["concentrators company=Chile status=late"] == 2
    assert found["concentrators company=Chile status=reachable"] == 1
    assert found["concentrators company=Chile status=unreachable"] == 0
    assert found["inventory company=Chile state=in field"] == 3
    assert found["inventory company=Peru state=available"] == 1
    assert found["inventory company=Peru state=in field"] == 0
    assert found["concentrators company=Peru status=never called"] == 0


def test_names_that_would_break_the_format_are_written_so_that_they_do_not() -> None:
    name = 'A "quoted" \\ name\nin two lines'
    CompanyFactory.create(name=name)
    assert shown()[f"wakeups_per_minute company={name}"] == 0


def test_arrivals_are_those_of_the_last_ten_minutes_beside_what_was_due(chile: Company) -> None:
    CompanyFactory.create(name="Peru")
    count(chile, 1, wakeups=10, expected=30)
    count(chile, 2, wakeups=20, expected=30)
    count(chile, 11, wakeups=900, expected=900)
    found = shown()
    assert found["wakeups_per_minute company=Chile"] == 15
    assert found["wakeups_expected_per_minute company=Chile"] == 30
    assert found["wakeups_per_minute company=Peru"] == 0
    assert found["counted_until_timestamp_seconds"] == (NOW.replace(second=0) - MINUTE).timestamp()


def test_the_last_message_may_be_of_any_kind_and_zeros_are_none(chile: Company) -> None:
    CompanyFactory.create(name="Peru")
    count(chile, 1, wakeups=0, expected=30)
    count(chile, 40, wakeups=0, expected=30, others=1)
    count(chile, 50, wakeups=9, expected=30)
    found = shown()
    assert found["last_message_timestamp_seconds company=Chile"] == (NOW.replace(second=0) - 40 * MINUTE).timestamp()
    assert "last_message_timestamp_seconds company=Peru" not in found


def test_strays_are_those_that_somebody_has_to_look_at() -> None:
    for sender, ignored in (("A1", False), ("A2", False), ("A3", True), (StrayFrame.OTHERS, False)):
        told = {"sender": sender, "ignored": ignored, "first_at": NOW, "last_at": NOW, "count": 1, "last_bytes": b""}
        StrayFrame.objects.create(reason="unknown", source_ip="10.1.1.1", **told)
    assert shown()["strays reason=unknown"] == 2


def test_what_should_be_delivered_is_told_with_how_long_it_has_waited() -> None:
    deliver_later(NOW - 5 * MINUTE)
    deliver_later(NOW - 3 * MINUTE)
    deliver_later(NOW + MINUTE)
    deliver_later(NOW - 900 * MINUTE, is_active=False)
    found = shown()
    assert (found["deliveries_due"], found["delivery_wait_seconds"]) == (2, 300)


def test_alarms_are_open_ones_by_priority_and_whether_somebody_knows() -> None:
    make_alarm(None, NOW, priority=3)
    make_alarm(None, NOW, priority=3, acknowledged_at=NOW)
    make_alarm(None, NOW, priority=3, ended_at=NOW)
    found = shown()
    assert found["alarms_open acknowledged=no priority=high"] == 1
    assert found["alarms_open acknowledged=yes priority=high"] == 1
    assert found["alarms_open acknowledged=no priority=low"] == 0


def test_the_verdict_is_the_one_on_all_that_stands() -> None:
    told = {"began_at": NOW - MINUTE, "judged_at": NOW}
    VerdictSpan.objects.create(cause="ok", ended_at=NOW, **told)
    VerdictSpan.objects.create(cause="carrier", carrier="Movistar", **told)
    VerdictSpan.objects.create(cause="our side", **told)
    found = shown()
    assert {name for name, value in found.items() if name.startswith("verdict") and value} == {"verdict cause=our side"}


@pytest.mark.parametrize(
    ("kind", "sent", "unmailed"),
    [
        (Kind.DAILY, date(2026, 4, 12), 0),
        (Kind.DAILY, date(2026, 4, 11), 1),
        (Kind.DAILY, None, 0),
        (Kind.MONTHLY, date(2026, 3, 1), 0),
        (Kind.MONTHLY, date(2026, 2, 1), 1),
    ],
)
def test_a_report_that_nobody_mailed_for_days_is_told(
    chile: Company, kind: Kind, sent: date | None, unmailed: int
) -> None:
    user = make_viewer(chile)
    user.email = "reader@example.org"
    user.save()
    Subscription.objects.create(user=user, company=chile, kind=kind, language="en", sent_day=sent)
    assert shown()[f"reports_unmailed kind={kind.value}"] == unmailed


def test_timers_are_seen_by_what_they_store(chile: Company) -> None:
    StoredMonth.objects.create(company=chile, month=date(2026, 3, 1), looked_at=NOW - 20 * MINUTE)
    for seen in (NOW, NOW - MINUTE):
        ListenerRun.objects.create(host="h", process_id=1, address="0.0.0.0", port=1, started_at=NOW, seen_at=seen)
    found = shown()
    assert found["months_stored_timestamp_seconds"] == (NOW - 20 * MINUTE).timestamp()
    assert found["listeners"] == 1


def test_it_takes_few_queries_however_many_companies_there_are(chile: Company) -> None:
    with CaptureQueriesContext(connection) as few:
        figures_at(NOW)
    for number in range(5):
        ConcentratorFactory.create(company=CompanyFactory.create(name=f"C{number}"), in_field=True)
    with CaptureQueriesContext(connection) as many:
        figures_at(NOW)
    assert len(many) == len(few) < 20


class Looks:
    """Figures that are counted as they are asked for."""

    def __init__(self, *outcomes: Figures | Exception) -> None:
        self.outcomes, self.number, self.at = list(outcomes), 0, 0.0

    def __call__(self, _now: datetime) -> Figures:
        self.number += 1
        outcome = self.outcomes[min(self.number, len(self.outcomes)) - 1]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def clock(self) -> float:
        return self.at


def test_the_database_is_asked_at_most_every_half_minute() -> None:
    looks = Looks(figures_at(NOW))
    fleet = Fleet(looks, looks.clock)
    for at, number in ((0, 1), (KEPT_S - 0.1, 1), (KEPT_S, 2), (KEPT_S + 1, 2)):
        looks.at = at
        shown(fleet)
        assert looks.number == number


def test_while_the_database_is_away_only_that_is_told() -> None:
    looks = Looks(OperationalError("no route\nat all"), figures_at(NOW))
    fleet = Fleet(looks, looks.clock)
    assert shown(fleet) == {"readable": 0}
    looks.at = KEPT_S
    assert shown(fleet)["readable"] == 1
