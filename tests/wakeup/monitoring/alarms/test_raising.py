"""The alarms that stand follow what is stored, exactly once (STA-9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from concentrators.models import Company
from profiles.models import SystemSettings
from tests.factories import CompanyFactory
from tests.wakeup.monitoring.alarms.stored import NOON, make_incident, make_window, minutes
from tests.wakeup.monitoring.changes.test_two_watchers import at_once
from wakeup.models import Alarm, Incident, IncidentNote
from wakeup.models.alarms import AlarmKind, Priority
from wakeup.monitoring.alarms.raising import raise_alarms
from wakeup.monitoring.incidents.flapping import is_flapping

pytestmark = pytest.mark.django_db

LATER = NOON + minutes(5)


def end(incident: Incident, at: Any) -> None:
    Incident.objects.filter(pk=incident.pk).update(ended_at=at, dark=0)


def test_nothing_is_no_alarm() -> None:
    assert raise_alarms(NOON) == 0
    assert not Alarm.objects.exists()


def test_an_incident_raises_one_alarm_that_ends_with_it(chile: Company) -> None:
    one = make_incident(chile, customers=2_000)
    assert (raise_alarms(NOON), raise_alarms(LATER), raise_alarms(LATER)) == (0, 1, 0)
    alarm = Alarm.objects.get()
    assert (alarm.key, alarm.kind, alarm.priority) == (f"incident {one.pk}", AlarmKind.POWER, Priority.MEDIUM)
    assert (alarm.company, alarm.incident, alarm.place) == (chile, one, "S1 · F1")
    assert (alarm.began_at, alarm.raised_at, alarm.act_by) == (NOON, LATER, LATER + timedelta(hours=1))
    end(one, LATER)
    assert (raise_alarms(LATER + minutes(1)), raise_alarms(LATER + minutes(2))) == (1, 0)
    alarm.refresh_from_db()
    assert (alarm.ended_at, alarm.facts["ended"]) == (LATER + minutes(1), "over")


def test_the_settings_are_those_of_the_moment(chile: Company) -> None:
    SystemSettings.objects.create(
        wakeup_ip="10.0.0.1", alarm_delay_min=0, alarm_medium_customers=50, alarm_high_customers=100
    )
    make_incident(chile)
    raise_alarms(NOON)
    assert Alarm.objects.get().priority == Priority.HIGH


def test_what_grows_gets_a_higher_priority_and_says_so(chile: Company) -> None:
    one = make_incident(chile)
    raise_alarms(LATER)
    Alarm.objects.update(shelved_until=NOON + timedelta(hours=9), shelved_reason="Known")
    Incident.objects.filter(pk=one.pk).update(customers=30_000)
    assert raise_alarms(LATER + minutes(1)) == 1
    alarm = Alarm.objects.get()
    assert (alarm.priority, alarm.act_by) == (Priority.HIGH, LATER + minutes(11))
    assert (alarm.shelved_until, alarm.shelved_reason) == (None, "")
    assert [(note["priority"], note["to"]) for note in alarm.facts["notes"]] == [(1, 3)]
    Incident.objects.filter(pk=one.pk).update(customers=1)
    raise_alarms(LATER + minutes(2))
    alarm.refresh_from_db()
    assert (alarm.priority, alarm.act_by) == (Priority.LOW, LATER + timedelta(hours=8))
    assert len(alarm.facts["notes"]) == 2


def test_a_number_that_changes_is_no_news_and_no_line_of_the_history(chile: Company) -> None:
    one = make_incident(chile)
    raise_alarms(LATER)
    Incident.objects.filter(pk=one.pk).update(dark=2)
    assert raise_alarms(LATER + minutes(1)) == 0
    assert Alarm.objects.get().facts["dark"] == 2
    assert Alarm.history.count() == 1


def test_a_cause_that_an_operator_says_changes_the_kind(chile: Company) -> None:
    one = make_incident(chile)
    raise_alarms(LATER)
    Incident.objects.filter(pk=one.pk).update(cause="communication", is_cause_said=True)
    assert raise_alarms(LATER) == 1
    assert Alarm.objects.get().kind == AlarmKind.COMMUNICATION


def test_what_becomes_part_of_another_ends_as_merged(chile: Company) -> None:
    one, other = make_incident(chile), make_incident(chile, "F2")
    raise_alarms(LATER)
    Incident.objects.filter(pk=one.pk).update(merged_into=other, ended_at=None)
    raise_alarms(LATER + minutes(1))
    assert [row.facts.get("ended") for row in Alarm.objects.order_by("pk")] == ["merged", None]


def test_what_is_planned_or_part_of_another_raises_none(chile: Company) -> None:
    window = make_window(chile, NOON, NOON + minutes(60))
    whole = make_incident(chile, planned=window)
    make_incident(chile, "F2", merged_into=whole)
    assert raise_alarms(LATER) == 0


def test_what_was_over_before_anybody_looked_is_told_once(chile: Company) -> None:
    make_incident(chile, ended_at=NOON + minutes(1))
    make_incident(chile, "F2", ended_at=NOON + minutes(4), customers=90_000)
    assert (raise_alarms(LATER), raise_alarms(LATER), raise_alarms(LATER + minutes(1))) == (1, 0, 0)
    alarm = Alarm.objects.get()
    assert (alarm.priority, alarm.raised_at, alarm.ended_at, alarm.facts["ended"]) == (1, LATER, LATER, "over")


def test_what_was_over_days_ago_is_history_and_no_alarm(chile: Company) -> None:
    make_incident(chile, ended_at=NOON + minutes(60))
    assert raise_alarms(NOON + timedelta(days=2)) == 0


def test_an_incident_that_goes_dark_again_rings_again_after_its_delay(chile: Company) -> None:
    one = make_incident(chile, ended_at=NOON + minutes(10))
    raise_alarms(NOON + minutes(5))
    raise_alarms(NOON + minutes(11))
    again = NOON + minutes(14)
    Incident.objects.filter(pk=one.pk).update(ended_at=None)
    IncidentNote.objects.create(incident=one, at=again, kind="reopened")
    assert raise_alarms(again + minutes(1)) == 0
    assert raise_alarms(again + minutes(2)) == 1
    assert Alarm.objects.filter(incident=one).count() == 2


@pytest.mark.parametrize(("customers", "hours", "is_kept"), [(100, 4, True), (2_000, 4, False), (100, 0.1, False)])
def test_what_comes_back_stays_on_its_shelf_unless_it_is_worse(
    chile: Company, customers: int, hours: float, is_kept: bool
) -> None:
    one = make_incident(chile)
    raise_alarms(LATER)
    until = LATER + timedelta(hours=hours)
    Alarm.objects.update(shelved_until=until, shelved_reason="Known")
    end(one, LATER)
    raise_alarms(LATER + minutes(1))
    Incident.objects.update(ended_at=None, customers=customers)
    assert raise_alarms(LATER + minutes(10)) == 1
    again = Alarm.objects.open().get()
    assert (again.shelved_until, again.shelved_reason) == ((until, "Known") if is_kept else (None, ""))


def test_what_was_taken_from_its_shelf_does_not_go_back_to_it(chile: Company) -> None:
    one = make_incident(chile)
    for at in (LATER, LATER + minutes(10), LATER + minutes(20)):
        raise_alarms(at)
        shelved_until = LATER + timedelta(hours=4) if at == LATER else None
        Alarm.objects.open().update(shelved_until=shelved_until)
        end(one, at)
        raise_alarms(at + minutes(1))
        Incident.objects.update(ended_at=None)
    assert [row.shelved_until is not None for row in Alarm.objects.order_by("pk")] == [True, False, False]


def test_a_place_that_comes_and_goes_has_one_alarm_until_it_is_quiet(chile: Company) -> None:
    for number in range(3):
        come_and_go(chile, NOON + minutes(number * 5))
    assert raise_alarms(NOON + minutes(14)) == 1
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.priority, alarm.place) == (AlarmKind.FLAPPING, 1, "S1 · F1")
    come_and_go(chile, NOON + minutes(20))
    assert raise_alarms(NOON + minutes(30)) == 0
    assert raise_alarms(NOON + minutes(90)) == 1  # it ends
    assert raise_alarms(NOON + minutes(91)) == 0  # and none of what came and went is told afterwards
    assert Alarm.objects.get().ended_at == NOON + minutes(90)


def come_and_go(company: Company, at: datetime) -> None:
    one = make_incident(company, at=at, ended_at=at + minutes(3))
    for kind, moment in (("opened", at), ("ended", at + minutes(3))):
        IncidentNote.objects.create(incident=one, at=moment, kind=kind)


def test_many_at_once_are_one_alarm_that_goes_over_into_the_company_s(chile: Company) -> None:
    feeders = [make_incident(chile, f"F{number}", substation=f"S{number % 2}") for number in range(8)]
    assert raise_alarms(LATER) == 1
    wide = Alarm.objects.get()
    assert (wide.kind, wide.facts["incidents"], wide.facts["places"]) == (AlarmKind.WIDE, 8, ["S0", "S1"])
    merged = make_incident(chile, "", substation="", scope="company", members=24, customers=800)
    Incident.objects.filter(pk__in=[one.pk for one in feeders]).update(merged_into=merged)
    assert (raise_alarms(LATER + minutes(1)), raise_alarms(LATER + minutes(2))) == (1, 0)
    gone_over = Alarm.objects.get()
    assert (gone_over.pk, gone_over.kind, gone_over.incident) == (wide.pk, AlarmKind.POWER, merged)
    assert (gone_over.place, gone_over.facts["notes"][0]["kind"]) == ("Chile", "wide")
    Incident.objects.update(ended_at=LATER)
    assert raise_alarms(LATER + minutes(3)) == 1
    assert not Alarm.objects.open().exists()


def test_those_for_which_one_alarm_stood_are_not_told_when_they_end(chile: Company) -> None:
    for number in range(8):
        make_incident(chile, f"F{number}")
    raise_alarms(LATER)
    Incident.objects.update(ended_at=LATER)
    assert (raise_alarms(LATER + minutes(1)), raise_alarms(LATER + minutes(2))) == (1, 0)
    assert Alarm.objects.count() == 1


def test_companies_do_not_flood_each_other(chile: Company) -> None:
    other = CompanyFactory.create()
    for number in range(5):
        make_incident(chile, f"F{number}")
        make_incident(other, f"F{number}")
    assert raise_alarms(LATER) == 10


@contextmanager
def broken_at(write: int) -> Iterator[None]:
    """The process dies at the so-manieth statement that writes."""
    seen = 0

    def count(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        nonlocal seen
        seen += sql.startswith(("INSERT", "UPDATE"))
        if seen == write:
            raise KeyboardInterrupt
        return execute(sql, *args)

    with connection.execute_wrapper(count):
        yield


@pytest.mark.parametrize("write", range(1, 9))
@pytest.mark.django_db(transaction=True)
def test_a_pass_that_is_killed_has_done_nothing_and_the_next_one_does_all(write: int) -> None:
    company = CompanyFactory.create()
    first = [make_incident(company, f"F{number}") for number in range(2)]
    raise_alarms(LATER)
    end(first[0], LATER)
    Incident.objects.filter(pk=first[1].pk).update(customers=50_000)
    make_incident(company, "F8")
    make_incident(company, "F9", ended_at=LATER)
    before = list(Alarm.objects.order_by("pk").values())
    with pytest.raises(KeyboardInterrupt), broken_at(write):
        raise_alarms(LATER + minutes(1))
    assert list(Alarm.objects.order_by("pk").values()) == before
    assert (raise_alarms(LATER + minutes(2)), raise_alarms(LATER + minutes(3))) == (4, 0)
    assert Alarm.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_two_watchers_at_the_same_moment_raise_each_alarm_once() -> None:
    company = CompanyFactory.create()
    for number in range(4):
        make_incident(company, f"F{number}")
    make_incident(company, "F9", ended_at=LATER)
    at_once(*[lambda: raise_alarms(LATER)] * 3)
    assert Alarm.objects.count() == 5
    assert Alarm.objects.open().count() == 4


@pytest.mark.parametrize("number", [3, 4])
def test_a_place_flaps_for_alarms_as_for_notifications(chile: Company, number: int) -> None:
    """By what was told of its incidents, merged ones too, whenever these were noticed."""
    one, part = make_incident(chile), make_incident(chile, ended_at=NOON)
    Incident.objects.filter(pk=part.pk).update(merged_into=one)
    for place, kind in enumerate(["opened", "ended", "opened", "reopened"][:number]):
        IncidentNote.objects.create(incident=part if place < 2 else one, at=NOON, kind=kind)
    raise_alarms(LATER)
    assert is_flapping(one, LATER) == (number == 4)
    assert [alarm.kind for alarm in Alarm.objects.all()] == ["flapping" if number == 4 else "power"]
