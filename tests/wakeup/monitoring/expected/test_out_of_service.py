"""The rules of times out of service (STA-1), whoever sets them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from concentrators.models import Company, Concentrator, OutOfService, State
from concentrators.procedures import actions
from concentrators.procedures.out_of_service import (
    LONGEST_AHEAD,
    LONGEST_BACK,
    OutOfServiceError,
    end_early,
    in_zone,
    set_out_of_service,
)
from profiles.models import SystemSettings
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.reports.arrivals import send, utc
from wakeup.monitoring.expected.loading import expectations
from wakeup.monitoring.expected.rules import Expectation
from wakeup.monitoring.status.facts import outs_of
from wakeup.monitoring.status.rules import ComputedStatus, Facts, Status, Timing, status_of

NOW = utc("2020-09-24 15:00")
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
MONTH = timedelta(days=30)


@pytest.fixture
def one(chile: Company) -> Concentrator:
    """In field for a month with a period of 10 minutes, heard at this moment."""
    SystemSettings.objects.create(wakeup_ip="10.132.20.228")
    one = ConcentratorFactory.create(company=chile, serial_number="ONE1")
    everything = Concentrator.objects.filter(pk=one.pk)
    actions.install(everything, SpontaneousProfileFactory.create(), user=None, now=NOW - MONTH)
    send(one, f"{NOW:%Y-%m-%d %H:%M:%S}")
    return everything.get()


def out(one: Concentrator, begin: datetime | None = NOW, end: datetime = NOW + HOUR, **values: Any) -> OutOfService:
    given = {"reason": "Works", "user": None, "now": NOW} | values
    return set_out_of_service(one, begin=begin, end=end, **given)


def refusal(one: Concentrator, begin: datetime | None = NOW, end: datetime = NOW + HOUR, **values: Any) -> Any:
    """What is said by value, or the message if it is about none; nothing is stored."""
    before = list(OutOfService.objects.values())
    with pytest.raises(OutOfServiceError) as refused:
        out(one, begin, end, **values)
    assert list(OutOfService.objects.values()) == before
    return refused.value.message_dict if hasattr(refused.value, "error_dict") else refused.value.message


def status(one: Concentrator, now: datetime) -> ComputedStatus:
    fresh = Concentrator.objects.select_related("total", "watch").get(pk=one.pk)
    return status_of(Facts.of(fresh, outs_of([one.pk]).get(one.pk, ())), now, Timing())


def expectation(one: Concentrator) -> Expectation:
    return expectations(one.assignments.all(), one.outs_of_service.all())[one.pk]


def expected(one: Concentrator, begin: datetime, end: datetime) -> int:
    return expectation(one).between(begin, end)


def test_it_is_stored_with_who_set_it_and_when(one: Concentrator, operator: User) -> None:
    stored = out(one, NOW + HOUR, NOW + 2 * HOUR, reason="  New roof ", user=operator)
    assert (stored.begin, stored.end, stored.reason, stored.set_by) == (
        NOW + HOUR,
        NOW + 2 * HOUR,
        "New roof",
        operator,
    )
    (row,) = OutOfService.history.all()
    assert (row.history_type, row.history_user, row.history_date) == ("+", operator, NOW)


def test_without_a_beginning_it_begins_now(one: Concentrator) -> None:
    assert out(one, None).begin == NOW


def test_it_lasts_from_its_beginning_up_to_before_its_end(one: Concentrator) -> None:
    out(one, NOW + HOUR, NOW + 2 * HOUR)
    moments = [NOW + HOUR - SECOND, NOW + HOUR, NOW + 2 * HOUR - SECOND, NOW + 2 * HOUR]
    said = [status(one, moment).status is Status.OUT_OF_SERVICE for moment in moments]
    assert said == [False, True, True, False]


@pytest.mark.parametrize(
    ("begin", "end", "name"),
    [
        (NOW, NOW, "end"),
        (NOW, NOW - SECOND, "end"),
        (NOW - HOUR, NOW, "end"),
        (NOW - HOUR, NOW - SECOND, "end"),
        (NOW + HOUR, NOW + HOUR, "end"),
        (NOW - LONGEST_BACK - SECOND, NOW + HOUR, "begin"),
        (NOW, NOW + LONGEST_AHEAD + SECOND, "end"),
        (utc("0001-01-01 00:00"), NOW + HOUR, "begin"),
        (NOW, utc("9999-12-31 23:59:59"), "end"),
    ],
)
def test_times_that_make_no_sense_are_refused(one: Concentrator, begin: datetime, end: datetime, name: str) -> None:
    assert list(refusal(one, begin, end)) == [name]


@pytest.mark.parametrize(
    ("begin", "end"),
    [(NOW - SECOND, NOW + SECOND), (NOW, NOW + SECOND), (NOW - LONGEST_BACK, NOW + HOUR), (NOW, NOW + LONGEST_AHEAD)],
)
def test_the_first_and_the_last_times_that_make_sense_are_taken(
    one: Concentrator, begin: datetime, end: datetime
) -> None:
    assert out(one, begin, end).pk


@pytest.mark.parametrize(("reason", "is_refused"), [("", True), (" \n", True), ("x" * 200, False), ("x" * 201, True)])
def test_a_reason_is_needed_and_bounded(one: Concentrator, reason: str, is_refused: bool) -> None:
    if is_refused:
        assert list(refusal(one, reason=reason)) == ["reason"]
    else:
        assert out(one, reason=reason).reason == reason


def test_all_that_is_wrong_is_said_at_once(one: Concentrator) -> None:
    assert set(refusal(one, NOW - 2 * LONGEST_BACK, NOW - HOUR, reason="")) == {"reason", "begin", "end"}


@pytest.mark.parametrize("state", [State.AVAILABLE, State.REMOVED])
def test_of_what_is_not_in_field_nothing_is_expected_anyway(chile: Company, state: State) -> None:
    one = ConcentratorFactory.create(company=chile, state=state, serial_number="IDLE1")
    assert refusal(one) == "IDLE1 is not in field: nothing is expected of it."


@pytest.mark.parametrize(
    ("begin", "end", "is_refused"),
    [
        (1, 2, True),
        (0, 3, True),
        (1.5, 1.6, True),
        (0, 1, False),
        (2, 3, False),
    ],
)
def test_two_may_touch_and_not_overlap(one: Concentrator, begin: float, end: float, is_refused: bool) -> None:
    out(one, NOW + HOUR, NOW + 2 * HOUR)
    times = NOW + begin * HOUR, NOW + end * HOUR
    if is_refused:
        said = "It is out of service already from 9/24/2020 1:00:00 PM to 9/24/2020 2:00:00 PM: Works"
        assert refusal(one, *times) == said
    else:
        assert out(one, *times).pk


def test_a_second_of_overlap_is_one(one: Concentrator) -> None:
    out(one, NOW + HOUR, NOW + 2 * HOUR)
    assert "already" in refusal(one, NOW, NOW + HOUR + SECOND)
    assert "already" in refusal(one, NOW + 2 * HOUR - SECOND, NOW + 3 * HOUR)


def test_another_concentrator_may_be_out_at_the_same_time(one: Concentrator, in_field: Concentrator) -> None:
    out(one)
    assert out(in_field).pk


def test_ended_early_it_ends_now_and_history_tells_who_did_it(one: Concentrator, operator: User) -> None:
    stored = out(one, NOW - HOUR, NOW + HOUR)
    end_early(stored, user=operator, now=NOW + SECOND)
    stored.refresh_from_db()
    assert stored.end == NOW + SECOND
    row = OutOfService.history.first()
    assert (row.history_type, row.history_user, row.history_date) == ("~", operator, NOW + SECOND)
    assert status(one, NOW + SECOND).status is Status.REACHABLE
    assert out(one, NOW + SECOND, NOW + HOUR, now=NOW + SECOND).pk


def test_ended_early_the_rest_counts_as_expected(one: Concentrator) -> None:
    stored = out(one, NOW, NOW + 3 * HOUR)
    assert expected(one, NOW - HOUR, NOW + 3 * HOUR) == 6
    end_early(stored, user=None, now=NOW + HOUR)
    assert expected(one, NOW - HOUR, NOW + 3 * HOUR) == 18


def test_ended_early_it_is_due_a_period_later(one: Concentrator) -> None:
    end_early(out(one, NOW, NOW + 3 * HOUR), user=None, now=NOW + HOUR)
    found = status(one, NOW + HOUR)
    assert (found.status, found.due_at) == (Status.REACHABLE, NOW + HOUR + timedelta(minutes=10))


def test_one_set_afterwards_forgives_what_was_missed(one: Concentrator) -> None:
    assert expected(one, NOW - HOUR, NOW) == 6
    out(one, NOW - HOUR, NOW + HOUR)
    assert expected(one, NOW - HOUR, NOW) == 0


def test_a_planned_one_is_called_off_and_leaves_its_time_free(one: Concentrator) -> None:
    stored = out(one, NOW + HOUR, NOW + 3 * HOUR)
    called_off = end_early(stored, user=None, now=NOW)
    assert (called_off.begin, called_off.end) == (NOW + HOUR, NOW + HOUR)
    assert status(one, NOW + HOUR).status is not Status.OUT_OF_SERVICE
    assert expected(one, NOW, NOW + 3 * HOUR) == 18
    assert out(one, NOW, NOW + 3 * HOUR).pk


@pytest.mark.parametrize("later", [HOUR, HOUR + SECOND])
def test_what_is_over_cannot_be_ended(one: Concentrator, later: timedelta) -> None:
    stored = out(one)
    with pytest.raises(OutOfServiceError, match="This time out of service of ONE1 is over already"):
        end_early(stored, user=None, now=NOW + later)
    assert OutOfService.history.count() == 1


def test_what_was_called_off_cannot_be_ended_again(one: Concentrator) -> None:
    stored = out(one, NOW + HOUR, NOW + 2 * HOUR)
    end_early(stored, user=None, now=NOW)
    with pytest.raises(OutOfServiceError):
        end_early(stored, user=None, now=NOW + SECOND)


def test_of_two_who_end_it_the_second_is_told(one: Concentrator) -> None:
    first = out(one)
    second = OutOfService.objects.get(pk=first.pk)
    end_early(first, user=None, now=NOW + SECOND)
    with pytest.raises(OutOfServiceError):
        end_early(second, user=None, now=NOW + SECOND)
    assert OutOfService.objects.get().end == NOW + SECOND


def test_a_removed_one_can_be_put_back_in_service(one: Concentrator) -> None:
    stored = out(one)
    actions.remove(Concentrator.objects.all(), user=None, now=NOW + SECOND)
    assert end_early(stored, user=None, now=NOW + 2 * SECOND).end == NOW + 2 * SECOND


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2020-09-24T12:00:00", "2020-09-24 15:00"),
        ("2020-09-05T23:59:59", "2020-09-06 03:59:59"),  # then the clocks are put forward to 1 o'clock
        ("2020-09-06T01:00:00", "2020-09-06 04:00"),
        ("2020-04-04T22:59:59", "2020-04-05 01:59:59"),  # an hour later they are put back to 23 o'clock
        ("2020-04-05T00:00:00", "2020-04-05 04:00"),
    ],
)
def test_what_is_typed_is_by_the_clocks_of_the_company(one: Concentrator, typed: str, meant: str) -> None:
    assert in_zone(datetime.fromisoformat(typed), one) == utc(meant)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2020-09-06T00:00:00", "does not exist"),
        ("2020-09-06T00:59:59", "does not exist"),
        ("2020-04-04T23:00:00", "comes twice"),
        ("2020-04-04T23:59:59", "comes twice"),
    ],
)
def test_a_time_that_no_clock_tells_or_two_tell_is_refused(one: Concentrator, typed: str, said: str) -> None:
    with pytest.raises(OutOfServiceError, match=said):
        in_zone(datetime.fromisoformat(typed), one)


def test_a_time_at_the_end_of_all_times_is_refused(one: Concentrator) -> None:
    with pytest.raises(OutOfServiceError, match="too far away"):
        in_zone(datetime.fromisoformat("9999-12-31T23:59"), one)


def test_times_of_one_zone_are_compared_by_what_they_are_and_not_by_their_clocks(one: Concentrator) -> None:
    begin, end = (datetime(2020, 4, 4, 23, 30, tzinfo=one.company.zone, fold=fold) for fold in (0, 1))
    stored = out(one, begin, end, now=utc("2020-04-05 02:00"))
    stored.refresh_from_db()
    assert stored.end - stored.begin == HOUR


@pytest.mark.parametrize(
    ("typed", "hours"), [(("2020-09-05T22:00", "2020-09-06T02:00"), 3), (("2021-04-03T22:00", "2021-04-04T02:00"), 5)]
)
def test_nothing_is_expected_over_a_night_when_the_clocks_change(
    one: Concentrator, typed: tuple[str, str], hours: int
) -> None:
    begin, end = (in_zone(datetime.fromisoformat(moment), one) for moment in typed)
    assert end - begin == hours * HOUR
    out(one, begin, end, now=begin)
    assert expected(one, begin, end) == 0
    assert expected(one, begin - HOUR, end + HOUR) == 12
