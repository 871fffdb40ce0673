"""Alarms that are about no incident: undecided verdicts, planned work, deliveries (STA-9)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from concentrators.models import Company
from tests.wakeup.monitoring.alarms.stored import NOON, make_outage, make_window, minutes
from wakeup.models import Alarm, Delivery, Receiver, VerdictSpan
from wakeup.models.alarms import AlarmKind, Priority
from wakeup.monitoring.alarms.raising import raise_alarms

pytestmark = pytest.mark.django_db

LATER = NOON + minutes(5)


def test_an_undecided_verdict_is_one_alarm_of_no_company() -> None:
    span = VerdictSpan.objects.create(cause="undecided", began_at=NOON, judged_at=LATER)
    VerdictSpan.objects.create(cause="undecided", carrier="Entel", began_at=NOON, judged_at=LATER)
    assert (raise_alarms(LATER), raise_alarms(LATER)) == (1, 0)
    assert (Alarm.objects.get().key, Alarm.objects.get().company) == ("undecided", None)
    VerdictSpan.objects.filter(pk=span.pk).update(ended_at=LATER)
    assert raise_alarms(LATER) == 1


@pytest.mark.parametrize("late_min", [32, 34])
def test_what_does_not_come_back_after_planned_work_is_an_alarm_after_the_retries(
    chile: Company, late_min: int
) -> None:
    window = make_window(chile, NOON - minutes(60), NOON)
    make_outage(chile, NOON - minutes(50), planned=window, customers=7)
    make_outage(chile, NOON - minutes(50), planned=window, customers=8)
    make_outage(chile, NOON - minutes(50), planned=window, ended_at=NOON)
    make_outage(chile, NOON - minutes(50))
    now = NOON + minutes(late_min)
    assert raise_alarms(now) == int(late_min >= 33)
    for alarm in Alarm.objects.all():
        assert (alarm.kind, alarm.priority, alarm.planned) == (AlarmKind.PLANNED_OVERRUN, Priority.MEDIUM, window)
        assert (alarm.place, alarm.facts) == ("S1 · F1", {"title": "Pole", "dark": 2, "customers": 15})
    window.outages.update(ended_at=now)
    assert raise_alarms(now) == int(late_min >= 33)
    assert not Alarm.objects.open().exists()


def test_cancelled_work_excuses_nobody(chile: Company) -> None:
    window = make_window(chile, NOON - minutes(60), NOON + minutes(600), scope="company", feeder="", substation="")
    make_outage(chile, NOON - minutes(50), planned=window)
    window.work.cancelled_at = NOON
    window.work.save()
    assert raise_alarms(NOON + minutes(30)) == 0
    assert raise_alarms(NOON + minutes(33)) == 1
    assert (Alarm.objects.get().began_at, Alarm.objects.get().place) == (NOON, "Chile")


def receiver(company: Company | None, **values: Any) -> Receiver:
    return Receiver.objects.create(name="Hidden name", kind="email", company=company, address="a@example.org", **values)


def deliver(to: Receiver, number: int, **values: Any) -> None:
    times = {"made_at": NOON, "not_before": NOON, "next_try_at": NOON}
    Delivery.objects.create(receiver=to, number=number, key=str(number), event="incident opened", **times | values)


def test_what_cannot_be_delivered_is_an_alarm_until_it_is(chile: Company) -> None:
    to = receiver(chile)
    deliver(to, 1, tries=4)
    deliver(to, 2)
    deliver(receiver_away := Receiver.objects.create(name="Off", kind="email", is_active=False), 1)
    deliver(receiver_away, 2)
    assert (raise_alarms(NOON + minutes(29)), raise_alarms(NOON + minutes(30))) == (0, 1)
    alarm = Alarm.objects.get()
    assert (alarm.place, alarm.facts, alarm.priority) == ("Hidden name", {"waiting": 2, "tries": 4}, 1)
    assert raise_alarms(NOON + timedelta(hours=4)) == 1
    assert Alarm.objects.get().priority == Priority.MEDIUM
    Delivery.objects.filter(receiver=to).update(state="delivered")
    assert raise_alarms(NOON + timedelta(hours=5)) == 1


def test_everybody_may_see_that_a_receiver_of_all_companies_is_away_but_not_who(db: None) -> None:
    deliver(receiver(None), 1)
    raise_alarms(NOON + minutes(30))
    alarm = Alarm.objects.get()
    assert (alarm.company, alarm.place) == (None, "")
    assert "Hidden" not in str(alarm.facts)


def test_a_delivery_that_waits_for_its_delay_is_not_late(chile: Company) -> None:
    deliver(receiver(chile), 1, not_before=NOON + minutes(15))
    assert (raise_alarms(NOON + minutes(44)), raise_alarms(NOON + minutes(45))) == (0, 1)
