"""The availability of single days goes after 35 days, in the nightly pruning; whatever else meters have stays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command

from concentrators.meters.retention import KEPT_DAYS, old_availability, prune_availability
from concentrators.models import Concentrator, MeterAvailability
from tests.factories import ConcentratorFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)


@pytest.fixture
def one() -> Concentrator:
    return ConcentratorFactory.create()


def add(one: Concentrator, *days: date, meters: int = 2) -> None:
    MeterAvailability.objects.bulk_create(
        MeterAvailability(concentrator=one, meter_name=f"ZIV99{number:08}", day=day, percent=99.5)
        for day in days
        for number in range(meters)
    )


def test_the_last_35_days_stay(one: Concentrator) -> None:
    days = [NOW.date() - timedelta(days=ago) for ago in (0, 1, KEPT_DAYS - 1, KEPT_DAYS, KEPT_DAYS + 1, 400)]
    add(one, *days)
    assert old_availability(NOW).count() == 4
    assert prune_availability(NOW) == 4
    assert sorted(set(MeterAvailability.objects.values_list("day", flat=True))) == sorted(days[:4])
    assert prune_availability(NOW) == 0


def test_a_day_ahead_and_no_day_do_no_harm(one: Concentrator) -> None:
    assert prune_availability(NOW) == 0
    add(one, NOW.date() + timedelta(days=3))
    assert prune_availability(NOW) == 0


@pytest.mark.time
def test_the_nightly_command_does_it_and_a_dry_run_only_says_so(
    one: Concentrator, capsys: pytest.CaptureFixture[str]
) -> None:
    add(one, date(2026, 1, 1), date(2026, 1, 2))
    call_command("prunemessages", dry_run=True)
    assert "4 days of meters' availability would be deleted" in capsys.readouterr().out
    assert MeterAvailability.objects.count() == 4
    call_command("prunemessages")
    assert "4 days of meters' availability deleted" in capsys.readouterr().out
    call_command("prunemessages")
    assert "availability" not in capsys.readouterr().out
