"""What came of many tries is stored at once, and each as if it were alone (CFG-1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from concentrators.configuration.jobs import Job, claim
from concentrators.configuration.outcomes import Outcome
from concentrators.configuration.procedure import Found
from concentrators.configuration.storing import store
from concentrators.models import Configuration, ConfigurationValue, Failure, Parameter
from tests.concentrators.configuration.devices import configuration_of, installed, values_of

pytestmark = pytest.mark.django_db


def read(job: Job, **more: object) -> Found:
    return Found(before={desired.parameter: desired.text for desired in job.target.values}, **more)  # type: ignore[arg-type]


def test_each_is_written_when_its_own_last_set_was_sent() -> None:
    ones, now = installed(4), timezone.now()
    jobs = {job.key: job for job in claim("me", 10, now)}
    sent = {one.pk: now - timedelta(seconds=place) for place, one in enumerate(ones[:3])}
    outcomes = {
        key: Outcome(read(jobs[key], sent_at=at, written={Parameter.PERIOD: "10"}, read_back={Parameter.PERIOD: "10"}))
        for key, at in sent.items()
    }
    outcomes[ones[3].pk] = Outcome(read(jobs[ones[3].pk]))
    store([(jobs[key], outcome) for key, outcome in outcomes.items()], "me", now)
    assert [configuration_of(one).written_at for one in ones] == [*sent.values(), now]
    assert set(Configuration.objects.values_list("state", "held_by")) == {("written", "")}
    assert [values_of(one)["period"] for one in ones] == [("10", "10", "10")] * 3 + [("10", "", "10")]
    periods = ConfigurationValue.objects.filter(parameter=Parameter.PERIOD).order_by("configuration_id")
    assert list(periods.values_list("written_at", "read_at")) == [(at, now) for at in [*sent.values(), None]]


def test_what_was_written_before_stays_known_when_it_is_only_read() -> None:
    (one,) = installed()
    first = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    for at, found in (
        (first, {"written": {Parameter.PERIOD: "10"}, "sent_at": first}),
        (first + timedelta(hours=1), {}),
    ):
        Configuration.objects.update(next_try_at=at, held_until=None)
        (job,) = claim("me", 1, at)
        store([(job, Outcome(read(job, **found)))], "me", at)
        assert configuration_of(one).written_at == at
    value = ConfigurationValue.objects.get(parameter=Parameter.PERIOD)
    assert (value.written, value.written_at, value.read_at) == ("10", first, first + timedelta(hours=1))


def test_one_that_was_overtaken_and_one_that_failed_do_not_touch_the_others() -> None:
    (overtaken, unreachable, good, of_another), now = installed(4), timezone.now()
    jobs = {job.key: job for job in claim("me", 10, now)}
    Configuration.objects.filter(pk=overtaken.pk).update(generation=7, state="pending")
    Configuration.objects.filter(pk=of_another.pk).update(held_by="another")
    failed = Outcome(failure=Failure.UNREACHABLE, detail="no route")
    results = [(job, failed if key == unreachable.pk else Outcome(read(job))) for key, job in jobs.items()]
    store(results, "me", now, chance=lambda: 0.5)
    seen = {one: configuration_of(one) for one in (overtaken, unreachable, good, of_another)}
    assert [one.state for one in seen.values()] == ["pending", "failed", "written", "writing"]
    assert [one.held_by for one in seen.values()] == ["", "", "", "another"]
    assert (seen[unreachable].detail, seen[unreachable].unreachable_since) == ("no route", now)
    assert seen[unreachable].next_try_at == now + timedelta(minutes=10)
    assert set(ConfigurationValue.objects.values_list("configuration_id", flat=True)) == {good.pk}


@pytest.mark.parametrize("text", ["", "<b>", "'; DROP", "ü\u2028", '"\\', "x" * 100])
def test_any_text_is_stored_as_it_is(text: str) -> None:
    (one,) = installed()
    (job,) = claim("me", 1, timezone.now())
    found = read(job)
    found.read_back[Parameter.DESTINATION] = text
    store([(job, Outcome(found))], "me", timezone.now())
    assert values_of(one)["destination"][2] == text
