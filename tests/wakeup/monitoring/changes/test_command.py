"""`manage.py watchstatus --once` (STA-3)."""

from __future__ import annotations

import threading

import pytest
import time_machine
from django.core.management import call_command

from concentrators.models import Assignment, Company, Watch
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.reports.arrivals import utc
from wakeup.management.commands.watchstatus import Watching
from wakeup.models import StatusChange

BEGIN = utc("2020-09-24 12:00")


@time_machine.travel("2020-09-24 12:30:00+00:00", tick=False)
def test_the_command_records_once_and_watches_what_nobody_watched(
    chile: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    profile = SpontaneousProfileFactory.create(wakeup_period=10)
    one = ConcentratorFactory.create(company=chile, in_field=True, profile=profile, installed_at=BEGIN)
    Watch.objects.all().delete()
    Assignment.objects.create(concentrator=one, begin=BEGIN, period_min=10)
    call_command("watchstatus", "--once")
    assert capsys.readouterr().out == "changes recorded: 2\n"
    changes = StatusChange.objects.order_by("pk")
    told = [(f"{change.at:%H:%M:%S}", change.to_status) for change in changes]
    assert told == [("12:00:00", "never called"), ("12:14:00", "unreachable")]


class OncePassed(threading.Event):
    """Set as soon as somebody waits for it."""

    def wait(self, timeout: float | None = None) -> bool:
        self.set()
        return True


@time_machine.travel("2020-09-24 12:30:00+00:00", tick=False)
def test_the_service_counts_its_passes_and_the_changes_that_it_records(chile: Company) -> None:
    profile = SpontaneousProfileFactory.create(wakeup_period=10)
    ConcentratorFactory.create(company=chile, in_field=True, profile=profile, installed_at=BEGIN)
    watching = Watching()
    watching.run(OncePassed())
    page = watching.passes.endpoint().answer(b"GET /metrics HTTP/1.1\r\n\r\n").decode()
    assert f"smmeplus_watcher_changes_total {float(StatusChange.objects.count())}" in page
    assert 'smmeplus_watcher_passes_total{outcome="done"} 1.0' in page
    assert StatusChange.objects.exists()
