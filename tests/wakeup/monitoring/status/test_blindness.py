"""While it is our side nobody turns unreachable, and afterwards not before they could try anew (STA-4)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine

from concentrators.models import Concentrator, Watch
from tests.factories import ConcentratorFactory
from tests.reports.arrivals import utc
from wakeup.models import VerdictSpan, WakeupTotal
from wakeup.models.verdicts import Cause
from wakeup.monitoring.status.blindness import MOST, Blind, blind_times, blind_times_kept, judged_at
from wakeup.monitoring.status.facts import RELATED, rows_with_status
from wakeup.monitoring.status.finding import of_reason, of_status
from wakeup.monitoring.status.rules import Status, StatusReason, Timing
from wakeup.monitoring.status.sql import with_status

pytestmark = pytest.mark.django_db

TICK = timedelta(microseconds=1)
TAIL = timedelta(minutes=33)


def at(clock: str) -> datetime:
    return utc(f"2026-02-25 {clock}")


#: Heard at 11:00 every ten minutes: due 11:10, lost after 11:14.
HEARD = at("11:00")
LOST = at("11:14")


def over(begin: str, end: str) -> Blind:
    return Blind(at(begin), at(end), at(end) + TAIL)


@pytest.fixture
def one() -> Concentrator:
    made: Concentrator = ConcentratorFactory.create(in_field=True, installed_at=at("00:00"))
    Watch.objects.update(since=at("00:00"), silent_from=at("00:00"), period_min=10, look_at=at("00:00"))
    WakeupTotal.objects.create(concentrator=made, first_wakeup_at=HEARD, last_wakeup_at=HEARD, wakeup_count=1)
    return made


def found(now: datetime, *times: Blind) -> tuple[str, datetime | None, str]:
    """Status, since when, and reason, by the pure function; the database must say the same."""
    timing = Timing(blind=times)
    (loaded,) = rows_with_status(Concentrator.objects.select_related(*RELATED), now, timing)
    (row,) = with_status(Concentrator.objects.all(), now, timing)
    said = (loaded.status, loaded.status_since, loaded.status_reason)
    assert (row.status, row.status_since, row.status_reason) == said
    everything = Concentrator.objects.all()
    assert [status for status in Status if of_status(everything, status, now, timing)] == [said[0]]
    assert [reason for reason in StatusReason if of_reason(everything, reason, now, timing)] == [said[2]]
    return said


LATE = (Status.LATE, at("11:11"), StatusReason.OUR_SIDE)


@pytest.mark.parametrize(
    ("begin", "is_held"),
    [(LOST - TICK, True), (LOST, True), (LOST + TICK, False)],
    ids=["before it is lost", "at the instant, which belongs to the time before", "when it is lost already"],
)
def test_who_was_unreachable_before_stays_so(one: Concentrator, begin: datetime, is_held: bool) -> None:
    lost = (Status.UNREACHABLE, LOST, StatusReason.SILENCE)
    assert found(at("12:00"), Blind(begin)) == (LATE if is_held else lost)


@pytest.mark.parametrize(
    ("end", "is_held"),
    [(HEARD - TICK, False), (HEARD, False), (HEARD + TICK, True)],
    ids=["heard since", "heard when it ended", "heard before it ended"],
)
def test_who_was_heard_since_is_judged_as_usual(one: Concentrator, end: datetime, is_held: bool) -> None:
    ended = Blind(at("10:00"), end, end + TAIL)
    lost = (Status.UNREACHABLE, LOST, StatusReason.SILENCE)
    assert found(at("11:20"), ended) == (LATE if is_held else lost)


@pytest.mark.parametrize(("now", "is_held"), [(at("12:13"), True), (at("12:13") + TICK, False)])
def test_afterwards_each_gets_the_time_to_try_anew(one: Concentrator, now: datetime, is_held: bool) -> None:
    lost = (Status.UNREACHABLE, at("12:13"), StatusReason.SILENCE)
    assert found(now, over("11:12", "11:40")) == (LATE if is_held else lost)


def test_a_second_time_puts_it_off_again_if_it_begins_before_the_first_is_over(one: Concentrator) -> None:
    first = over("11:12", "11:40")
    assert found(at("13:00"), first, over("12:13", "12:30")) == LATE
    unreachable = (Status.UNREACHABLE, at("12:13"), StatusReason.SILENCE)
    assert found(at("13:00"), first, over("12:14", "12:30")) == unreachable


def test_it_is_late_as_usual_before_it_would_be_lost(one: Concentrator) -> None:
    assert found(at("11:12"), Blind(at("11:00"))) == (Status.LATE, at("11:11"), StatusReason.SILENCE)
    assert found(at("11:10"), Blind(at("11:00"))) == (Status.REACHABLE, None, StatusReason.MESSAGE)


def test_a_last_gasp_counts_also_while_it_is_our_side(one: Concentrator) -> None:
    WakeupTotal.objects.update(last_gasp_at=at("11:20"))
    assert found(at("11:30"), Blind(at("11:12"))) == (Status.UNREACHABLE, at("11:20"), StatusReason.POWER)


def test_never_called_stays_so(one: Concentrator) -> None:
    WakeupTotal.objects.all().delete()
    Watch.objects.update(since=HEARD, silent_from=HEARD)
    assert found(at("12:00"), Blind(at("11:12"))) == (Status.NEVER_CALLED, HEARD, StatusReason.NEVER_CALLED)


def test_the_latest_times_in_their_order() -> None:
    for hour in range(MOST + 2):
        end = None if hour == MOST + 1 else at(f"{hour:02}:30")
        VerdictSpan.objects.create(
            cause=Cause.OUR_SIDE, began_at=at(f"{hour:02}:00"), judged_at=at("23:00"), ended_at=end
        )
    VerdictSpan.objects.create(cause=Cause.FIELD, began_at=at("09:00"), judged_at=at("23:00"), ended_at=at("10:00"))
    VerdictSpan.objects.create(
        carrier="Entel", cause=Cause.OUR_SIDE, began_at=at("09:00"), judged_at=at("23:00"), ended_at=at("10:00")
    )
    times = blind_times(TAIL)
    assert [time.begin for time in times] == [at(f"{hour:02}:00") for hour in range(2, MOST + 2)]
    assert times[0] == over("02:00", "02:30")
    assert times[-1] == Blind(at(f"{MOST + 1:02}:00"))


def test_without_any_it_is_judged_when_it_is_lost() -> None:
    assert judged_at(LOST, HEARD, ()) == LOST


@pytest.mark.banner
@pytest.mark.parametrize(
    ("heard", "cause", "is_in_doubt"),
    [
        ("11:58:46", Cause.OK, False),
        ("11:58:44", Cause.OK, True),
        ("11:58:44", Cause.CARRIER, True),
        ("11:58:44", Cause.FIELD, False),
        ("11:58:44", Cause.UNDECIDED, False),
    ],
)
def test_pages_say_nothing_that_a_verdict_might_take_back(heard: str, cause: Cause, is_in_doubt: bool) -> None:
    canary = ConcentratorFactory.create(is_canary=True)
    WakeupTotal.objects.create(concentrator=canary, last_wakeup_at=at(heard), wakeup_count=1)
    VerdictSpan.objects.create(cause=cause, began_at=at("09:00"), judged_at=at("11:59"))
    with time_machine.travel(at("12:00"), tick=False):
        assert blind_times_kept(TAIL) == ((Blind(at(heard)),) if is_in_doubt else ())
