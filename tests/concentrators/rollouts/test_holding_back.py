"""What waits for its wave, its hour or an operator is not written (CFG-4, PRC-1)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from concentrators.configuration.jobs import claim
from concentrators.configuration.rollouts import open_and_close
from concentrators.configuration.storing import hurry
from concentrators.models import (
    Concentrator,
)
from concentrators.rollouts.commands import pause, resume
from profiles.models import SpontaneousProfile
from tests.concentrators.configuration.devices import heard
from tests.concentrators.rollouts.fleet import (
    MINUTE,
    NOW,
    call,
    due,
    fail,
    installed,
    outcomes,
    pass_by,
    write,
)

pytestmark = pytest.mark.django_db


def test_what_a_killed_writer_held_is_not_written_while_it_is_paused(profile: SpontaneousProfile) -> None:
    one = installed(1, profile)
    assert len(claim("killed", 10, NOW)) == 1
    pause(one, user=None, now=NOW)
    open_and_close(NOW)
    assert claim("next", 10, NOW + timedelta(hours=1)) == []
    resume(one, user=None, now=NOW)
    open_and_close(NOW)
    assert len(claim("next", 10, NOW + timedelta(hours=1))) == 1


def test_a_wakeup_hurries_nothing_whose_wave_has_not_come(profile: SpontaneousProfile) -> None:
    installed(2, profile, waves="1, all")
    heard(Concentrator.objects.get(serial_number="R0001"), NOW + MINUTE)
    hurry(NOW + MINUTE)
    assert due(NOW + MINUTE) == ["R0000"]


def test_after_its_last_try_only_a_wakeup_makes_it_due(profile: SpontaneousProfile) -> None:
    installed(2, profile, halt_percent=None)
    fail(["R0000"], NOW)
    assert due(NOW + timedelta(days=30)) == ["R0001"]
    heard(Concentrator.objects.get(serial_number="R0000"), NOW + 2 * MINUTE)
    assert hurry(NOW + 2 * MINUTE) == 1
    assert hurry(NOW + 2 * MINUTE) == 0
    assert due(NOW + 2 * MINUTE) == ["R0000", "R0001"]


def test_writes_begin_within_the_hours_alone(profile: SpontaneousProfile) -> None:
    """In Chile, which is three hours behind UTC in summer: 22:00 there is 01:00 here."""
    installed(2, profile, begin_hour=time(22), end_hour=time(5))
    assert due(NOW) == []
    tonight = datetime(2026, 11, 30, 1, tzinfo=UTC)
    assert due(tonight - timedelta(seconds=1)) == []
    assert due(tonight) == ["R0000", "R0001"]
    assert due(tonight + timedelta(hours=7) - timedelta(seconds=1)) == ["R0000", "R0001"]
    assert due(tonight + timedelta(hours=7)) == []


@pytest.mark.parametrize(
    ("begin", "hours"),
    [
        (datetime(2027, 9, 4, 23, tzinfo=UTC), 6),  # clocks go forward at 24:00 of the 4th in Chile
        (datetime(2027, 4, 3, 21, tzinfo=UTC), 8),  # and back at 24:00 of the 3rd
        (datetime(2026, 12, 31, 22, tzinfo=UTC), 7),
    ],
)
def test_a_night_has_an_hour_less_or_more_when_the_clocks_change(
    profile: SpontaneousProfile, begin: datetime, hours: int
) -> None:
    installed(1, profile, begin_hour=time(22), end_hour=time(5))
    quarters = [begin + timedelta(minutes=15 * index) for index in range(64)]
    assert sum(bool(due(at)) for at in quarters) == hours * 4


def test_a_paused_one_writes_nothing_and_notes_what_comes_in(profile: SpontaneousProfile) -> None:
    one = installed(3, profile, waves="2, all")
    write(["R0000"], NOW)
    pause(one, user=None, now=NOW)
    assert due(NOW) == []
    call(["R0000"], NOW)
    fail(["R0001"], NOW)
    heard(Concentrator.objects.get(serial_number="R0001"), NOW + 5 * MINUTE)
    assert hurry(NOW + 5 * MINUTE) == 1
    assert due(NOW + 5 * MINUTE) == []
    assert (pass_by(NOW).current_wave, outcomes()) == (1, {"confirmed": 1, "failed": 1, "waiting": 1})
    resume(one, user=None, now=NOW)
    assert pass_by(NOW).current_wave == 2
    assert due(NOW + 5 * MINUTE) == ["R0001", "R0002"]
