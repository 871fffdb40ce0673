"""Whether messages go as they should, and whether the next days have partitions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from concentrators.models import Company
from profiles.models import SystemSettings
from smmeplus.metrics import figures
from smmeplus.metrics.figures import figures_at
from tests.factories import ConcentratorFactory
from wakeup.models import Message
from wakeup.retention.partitions import Partition, Span

pytestmark = [pytest.mark.django_db, pytest.mark.time]

NOW = datetime(2026, 4, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def keep(days: int | None) -> None:
    settings = SystemSettings.current()
    settings.messages_kept_days = days
    settings.save()


@pytest.mark.parametrize(("age", "behind"), [(30, 0), (31, 0.5), (34, 3.5)])
def test_a_message_that_should_be_gone_tells_for_how_long(
    chile: Company, monkeypatch: pytest.MonkeyPatch, age: int, behind: float
) -> None:
    keep(30)
    one_table(monkeypatch)
    one = ConcentratorFactory.create(company=chile)
    told = {"kind": 1, "source_ip": "10.1.1.1", "port": 1, "format": 1}
    Message.objects.create(concentrator=one, received_at=NOW - age * DAY, **told)
    assert figures_at(NOW).prune_behind == behind * DAY


def one_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "is_partitioned", lambda: False)
    monkeypatch.setattr(figures, "partitions", list)


def test_without_a_message_nothing_is_late(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(30)
    one_table(monkeypatch)
    assert figures_at(NOW).prune_behind == timedelta(0)


def test_a_partition_is_late_once_all_of_it_should_be_gone(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(30)
    spans = [Span(date(2026, 3, 1), date(2026, 4, 1)), Span(date(2026, 4, 1), date(2026, 4, 23))]
    monkeypatch.setattr(figures, "is_partitioned", lambda: True)
    monkeypatch.setattr(figures, "partitions", lambda: [Partition(str(span), span) for span in spans])
    found = figures_at(NOW)
    assert (found.prune_behind, found.partitions_until) == (timedelta(0), datetime(2026, 4, 23, tzinfo=UTC))
    assert figures_at(datetime(2026, 5, 4, 9, tzinfo=UTC)).prune_behind == 3 * DAY


def test_what_is_kept_for_ever_is_never_late() -> None:
    keep(None)
    assert figures_at(NOW + 3_000 * DAY).prune_behind == timedelta(0)
