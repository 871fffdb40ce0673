"""Unknown senders age out of the inbox (LIS-6, SEC-2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command

from profiles.models import SystemSettings
from tests.wakeup.pages.strays import make_stray
from wakeup.models import StrayFrame, SurplusCount

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 24, 10, 18, 46, tzinfo=UTC)
LIMIT = NOW - timedelta(days=90)
INSTANT = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def strays(db: None) -> None:
    make_stray("OLD", first_at=LIMIT - 2 * INSTANT, last_at=LIMIT - INSTANT)
    make_stray("OLDIGNORED", last_at=LIMIT - INSTANT, ignored=True)
    make_stray("ATTHELIMIT", last_at=LIMIT)
    make_stray("OFTEN", first_at=LIMIT - timedelta(days=300), last_at=NOW, ignored=True)


def left() -> set[str]:
    return set(StrayFrame.objects.values_list("sender", flat=True))


def test_who_has_been_silent_for_90_days_goes_ignored_or_not(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("prunemessages", dry_run=True)
    assert len(left()) == 4
    assert "2 unknown senders, silent for 90 days, would be deleted" in capsys.readouterr().out
    call_command("prunemessages")
    assert left() == {"ATTHELIMIT", "OFTEN"}
    assert "2 unknown senders, silent for 90 days, deleted" in capsys.readouterr().out
    call_command("prunemessages")
    assert "unknown senders" not in capsys.readouterr().out


@pytest.mark.parametrize(("days", "number"), [(91, 4), (90, 2), (1, 1), (None, 4)])
def test_the_settings_say_for_how_long(days: int | None, number: int) -> None:
    SystemSettings(strays_kept_days=days).save()
    call_command("prunemessages")
    assert len(left()) == number


def test_surplus_goes_like_messages(capsys: pytest.CaptureFixture[str]) -> None:
    midnight = datetime(2026, 9, 14, tzinfo=UTC)
    for at in (midnight - timedelta(minutes=1), midnight):
        SurplusCount.objects.create(sender="A1", minute=at, count=3)
    call_command("prunemessages")
    assert SurplusCount.objects.count() == 2, "messages are kept for ever"
    SystemSettings(messages_kept_days=10).save()
    call_command("prunemessages", dry_run=True)
    assert "1 minutes of surplus messages would be deleted" in capsys.readouterr().out
    call_command("prunemessages")
    assert SurplusCount.objects.get().minute == midnight
