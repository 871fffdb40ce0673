"""What the demo's operators have arranged is to come, at whatever hour the demo is started (STA-8)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from concentrators.models import PlannedWork
from smmeplus.demo.arranging import plan_coming_work
from smmeplus.demo.story import Story
from tests.factories import CompanyFactory
from tests.smmeplus.demo.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.mark.parametrize("begin", [NOW, datetime.fromisoformat("2027-04-03T20:00Z")])
def test_the_first_night_is_within_two_days(begin: datetime) -> None:
    company, story = CompanyFactory.create(time_zone="America/Santiago"), Story()
    for hours in range(24):
        now = begin + timedelta(hours=hours)
        plan_coming_work(company, story.planned_next, at=now - timedelta(hours=story.planned_next_at))
        work = PlannedWork.objects.latest("pk")
        assert now < work.begin < now + timedelta(days=2)
        assert work.begin.astimezone(company.zone).hour == 2
