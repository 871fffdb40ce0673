"""The database as the doctor sees it; both databases have their own answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from concentrators.models import Company
from smmeplus.doctor import database
from smmeplus.doctor.findings import State, Told
from tests.factories import CompanyFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 4, 15, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def states(told: Any) -> list[State]:
    return [one[0] for one in told]


def test_all_is_well_with_the_database_of_the_tests() -> None:
    for look in (database.server, database.migrations, database.rights, database.clocks, database.zones):
        told = list(look())
        assert states(told) == [State.OK], told
        assert told[0][1]


def test_a_migration_that_is_missing_is_wrong_and_one_of_a_newer_version_a_warning() -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_applied("wakeup", "9999_of_the_future")
    assert states(database.migrations()) == [State.WARNING]
    last = recorder.migration_qs.filter(app="reports").order_by("-name").values_list("name", flat=True)[0]
    recorder.record_unapplied("reports", last)
    ((state, said, to_do),) = database.migrations()
    assert (state, last in said, to_do) == (State.WRONG, True, "Run migrate as the owner.")


@pytest.mark.parametrize(
    ("off_s", "state"), [(0, State.OK), (2, State.OK), (2.5, State.WRONG), (-2.5, State.WRONG), (-1, State.OK)]
)
def test_clocks_may_be_two_seconds_apart(off_s: float, state: State) -> None:
    told: Told = database._compared(AT + off_s * SECOND, AT, AT)
    assert told[0] is state


def test_a_slow_answer_is_no_wrong_clock() -> None:
    assert database._compared(AT + 30 * SECOND, AT, AT + 60 * SECOND)[0] is State.OK


def test_a_zone_that_nobody_knows_is_named() -> None:
    CompanyFactory.create(name="Rome")
    Company.objects.update(time_zone="Europe/Atlantis")
    ((state, said, _to_do),) = database.zones()
    assert (state, "Europe/Atlantis" in said) == (State.WRONG, True)


@pytest.mark.parametrize(
    ("days", "state"), [(None, State.WRONG), (0.5, State.WRONG), (3, State.WARNING), (7, State.OK)]
)
def test_partitions_have_to_reach_ahead(monkeypatch: pytest.MonkeyPatch, days: float | None, state: State) -> None:
    def retention(now: datetime) -> tuple[timedelta, datetime | None]:
        return timedelta(0), None if days is None else now + days * timedelta(days=1) + SECOND

    monkeypatch.setattr(database, "retention_at", retention)
    monkeypatch.setattr(database, "is_partitioned", lambda: True)
    monkeypatch.setattr(database, "_default", lambda: (State.OK, "", ""))
    assert states(database.partitions())[0] is state


@pytest.mark.parametrize(("days", "state"), [(0, State.OK), (2, State.OK), (3, State.WRONG)])
def test_messages_that_were_not_pruned_are_wrong(monkeypatch: pytest.MonkeyPatch, days: int, state: State) -> None:
    monkeypatch.setattr(database, "retention_at", lambda _now: (timedelta(days=days), None))
    assert states(database.pruning()) == [state]


def test_the_default_partition_is_looked_into_where_there_is_one() -> None:
    told = list(database.partitions())
    assert len(told) == (2 if connection.vendor == "postgresql" else 1)
