"""What is put into the outbox, once, and what is dropped from it (STA-7)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from concentrators.models import Company
from tests.factories import CompanyFactory
from tests.wakeup.monitoring.notifications.happenings import (
    MINUTE,
    NOW,
    arrive,
    end,
    make_alarm,
    make_incident,
    make_planned,
    make_receiver,
    note,
    outbox,
    queue,
)
from wakeup.models import Alarm, Incident, Receiver
from wakeup.monitoring.desk import follow
from wakeup.monitoring.notifications.outbox import queue_test

pytestmark = pytest.mark.one_database("postgresql")


@pytest.fixture
def receiver(chile: Company) -> Receiver:
    return make_receiver(chile)


def test_an_incident_is_told_once_however_often_the_watcher_passes(chile: Company, receiver: Receiver) -> None:
    one = make_incident(chile)
    assert [queue(), queue(), queue(3)] == [1, 0, 0]
    (waits,) = receiver.deliveries.all()
    assert (waits.key, waits.state, waits.number) == (f"incident {one.pk} opened 1", "waiting", 1)
    assert waits.not_before == NOW + 2 * MINUTE


def test_the_watchers_pass_queues_what_is_to_be_told(chile: Company, receiver: Receiver) -> None:
    make_incident(chile)  # has no member that is dark, so the pass ends it
    queue()
    arrive(receiver)
    follow(NOW + 9 * MINUTE)
    assert outbox(receiver) == ["incident opened: delivered", "incident ended: waiting"]


def test_its_end_is_told_to_whom_its_beginning_was(chile: Company, receiver: Receiver) -> None:
    one = make_incident(chile)
    queue()
    arrive(receiver)
    end(one, NOW + 9 * MINUTE)
    assert [queue(10), queue(11)] == [1, 0]
    assert outbox(receiver) == ["incident opened: delivered", "incident ended: waiting"]
    assert receiver.deliveries.get(number=2).body["ended_at"] == (NOW + 9 * MINUTE).isoformat()


def test_one_that_ended_before_it_was_to_be_told_is_not_told_at_all(chile: Company, receiver: Receiver) -> None:
    one = make_incident(chile)
    queue()
    end(one, NOW + MINUTE)
    assert [queue(1.5), queue(5)] == [1, 0]
    assert outbox(receiver) == ["incident opened: ended before"]


def test_one_that_lasted_is_told_though_nothing_could_be_sent_for_a_day(chile: Company, receiver: Receiver) -> None:
    one = make_incident(chile)
    queue()
    end(one, NOW + 60 * MINUTE)
    queue(60)
    queue(24 * 60)
    assert outbox(receiver) == ["incident opened: waiting", "incident ended: waiting"]


def test_what_was_tried_once_may_have_arrived_and_its_end_is_told(chile: Company, receiver: Receiver) -> None:
    one = make_incident(chile)
    queue()
    receiver.deliveries.update(tries=1)
    end(one, NOW + MINUTE)
    queue(3)
    assert outbox(receiver) == ["incident opened: waiting", "incident ended: waiting"]


def test_each_cause_has_its_delay_and_a_cause_found_in_time_is_the_only_one_told(
    chile: Company, receiver: Receiver
) -> None:
    one = make_incident(chile, cause="undecided")
    queue()
    assert receiver.deliveries.get().not_before == NOW + 15 * MINUTE
    Incident.objects.filter(pk=one.pk).update(cause="power", dark=40)
    assert [queue(1), queue(1)] == [1, 0]
    told = receiver.deliveries.get()
    assert (told.not_before, told.body["cause"], told.body["dark"]) == (NOW + 2 * MINUTE, "power", 40)


def test_growing_is_no_change_but_another_place_or_cause_is_one_each(chile: Company, receiver: Receiver) -> None:
    one = make_incident(chile)
    queue()
    arrive(receiver)
    Incident.objects.filter(pk=one.pk).update(members=50, dark=50)
    assert queue(3) == 0
    Incident.objects.filter(pk=one.pk).update(scope="substation", feeder="")
    assert [queue(4), queue(5)] == [1, 0]
    Incident.objects.filter(pk=one.pk).update(cause="communication")
    assert [queue(6), queue(6)] == [1, 0]
    assert outbox(receiver)[1:] == ["incident changed: waiting", "incident changed: waiting"]
    assert [one.body["cause"] for one in receiver.deliveries.order_by("number")][1:] == ["power", "communication"]


def test_planned_work_is_quiet_and_the_outbox_says_so(chile: Company, receiver: Receiver) -> None:
    one = make_incident(chile, planned=make_planned(chile))
    assert [queue(), queue(), queue(99)] == [1, 0, 0]
    assert outbox(receiver) == ["incident opened: planned"]
    Incident.objects.filter(pk=one.pk).update(planned=None)  # the work was cancelled, and it is dark all the same
    queue(100)
    assert outbox(receiver)[1:] == ["incident opened: waiting"]
    assert receiver.deliveries.get(number=2).not_before == NOW + 102 * MINUTE


def test_work_that_is_entered_in_time_takes_it_back(chile: Company, receiver: Receiver) -> None:
    one = make_incident(chile)
    queue()
    Incident.objects.filter(pk=one.pk).update(planned=make_planned(chile))
    queue(1)
    assert outbox(receiver) == ["incident opened: planned"]


@pytest.mark.parametrize(("changes", "state"), [(3, "waiting"), (4, "flapping")])
def test_what_comes_and_goes_four_times_an_hour_is_quiet(
    chile: Company, receiver: Receiver, changes: int, state: str
) -> None:
    note(make_incident(chile, opened_at=NOW), *(["opened", "ended", "opened", "reopened"][:changes]), at=NOW)
    queue()
    assert outbox(receiver) == [f"incident opened: {state}"]


def test_what_stays_dark_after_flapping_is_told_in_the_end(chile: Company, receiver: Receiver) -> None:
    note(make_incident(chile), "opened", "ended", "reopened", "ended", at=NOW)
    queue()
    queue(59)
    queue(61)
    assert outbox(receiver) == ["incident opened: flapping", "incident opened: waiting"]


def test_a_part_of_another_incident_is_told_no_more(chile: Company, receiver: Receiver) -> None:
    part, other = make_incident(chile), make_incident(chile, feeder="A8")
    queue()
    Incident.objects.filter(pk=part.pk).update(merged_into=other)
    queue(1)
    assert outbox(receiver) == ["incident opened: merged", "incident opened: waiting"]


def test_a_part_that_was_told_ends_for_its_receiver_and_says_of_what_it_is_part(
    chile: Company, receiver: Receiver
) -> None:
    part, other = make_incident(chile), make_incident(chile, feeder="A8")
    queue()
    arrive(receiver)
    Incident.objects.filter(pk=part.pk).update(merged_into=other)
    assert [queue(9), queue(9)] == [1, 0]
    assert receiver.deliveries.get(event="incident ended").body["part_of"] == other.pk


def test_what_goes_dark_again_is_told_again(chile: Company, receiver: Receiver) -> None:
    one = make_incident(chile)
    queue()
    arrive(receiver)
    end(one, NOW + 5 * MINUTE)
    queue(5)
    arrive(receiver)
    Incident.objects.filter(pk=one.pk).update(ended_at=None)
    assert [queue(20), queue(20)] == [1, 0]
    assert receiver.deliveries.get(number=3).not_before == NOW + 22 * MINUTE  # it has to last anew
    arrive(receiver)
    end(one, NOW + 30 * MINUTE)
    queue(30)
    assert outbox(receiver)[2:] == ["incident opened: delivered", "incident ended: waiting"]


def test_an_end_that_was_not_told_yet_is_taken_back_when_it_goes_dark_again(chile: Company, receiver: Receiver) -> None:
    one = make_incident(chile)
    queue()
    arrive(receiver)
    end(one, NOW + 5 * MINUTE)
    queue(5)
    end(one, None)  # type: ignore[arg-type] # open again
    queue(6)
    assert outbox(receiver) == ["incident opened: delivered", "incident ended: again"]
    end(one, NOW + 9 * MINUTE)
    queue(9)
    assert outbox(receiver)[2:] == ["incident ended: waiting"]


def test_who_is_told_of_what(chile: Company) -> None:
    peru = CompanyFactory.create(name="Peru")
    mine, theirs, everything = make_receiver(chile), make_receiver(peru), make_receiver()
    off, life = make_receiver(is_active=False), make_receiver(kind="life sign")
    make_incident(chile)
    make_incident(None, scope="our side", cause="our side", substation="", feeder="")
    queue()
    assert [one.deliveries.count() for one in (mine, theirs, everything, off, life)] == [2, 1, 2, 0, 0]


def test_one_of_too_low_a_priority_is_told_once_its_alarm_is_high(chile: Company) -> None:
    receiver = make_receiver(chile, least_priority=3)
    one = make_incident(chile)
    assert queue() == 0
    alarm = make_alarm(chile, incident=one, kind="power")
    assert queue(1) == 0
    Alarm.objects.filter(pk=alarm.pk).update(priority=3)
    assert queue(5) == 1
    assert receiver.deliveries.get().body["priority"] == "high"
    assert receiver.deliveries.get().not_before == NOW + 2 * MINUTE  # long since


def test_an_alarm_that_is_about_no_incident_is_told_and_its_end_too(chile: Company, receiver: Receiver) -> None:
    alarm = make_alarm(chile)
    assert [queue(), queue()] == [1, 0]
    arrive(receiver)
    Alarm.objects.filter(pk=alarm.pk).update(ended_at=NOW + 5 * MINUTE)
    assert [queue(5), queue(6)] == [1, 0]
    assert outbox(receiver) == ["alarm raised: delivered", "alarm ended: waiting"]
    assert receiver.deliveries.get(number=1).alarm == alarm


def test_an_alarm_that_is_shelved_is_quiet_until_the_shelf_ends(chile: Company, receiver: Receiver) -> None:
    make_alarm(chile, shelved_until=NOW + 60 * MINUTE)
    queue()
    queue(61)
    assert outbox(receiver) == ["alarm raised: shelved", "alarm raised: waiting"]


def test_thousands_of_old_incidents_are_nothing_to_a_new_receiver(chile: Company, receiver: Receiver) -> None:
    for _number in range(3):
        make_incident(chile, ended_at=NOW)
    assert queue(5) == 0


def test_a_test_says_who_sent_it(receiver: Receiver, operator: User) -> None:
    made = queue_test(receiver, operator.username, NOW)
    again = queue_test(receiver, operator.username, NOW)
    assert (made.number, again.number) == (1, 2)
    assert made.body["user"] == "operator"
    assert made.body["id"] != again.body["id"]


def test_a_pass_without_news_takes_no_lock_of_a_receiver(
    chile: Company, receiver: Receiver, django_assert_max_num_queries: object
) -> None:
    for feeder in range(20):
        make_incident(chile, feeder=f"F{feeder}")
    queue()
    arrive(receiver)
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        assert queue(5) == 0
