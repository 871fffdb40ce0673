"""Counters that we cipher with: reserved before use, and never twice (SEC-3)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from concentrators.configuration.jobs import HOLD, Job, claim
from concentrators.configuration.power_logs.jobs import claim_logs
from concentrators.configuration.securing import OF_CONFIGURATION, OF_LOG
from concentrators.keys.counters import reserve
from concentrators.models import DeviceKeys, PowerLog
from concentrators.models.keys import LAST_COUNTER
from tests import ROOT
from tests.concentrators.configuration.ciphered.keyed import give_keys
from tests.concentrators.configuration.devices import installed
from tests.factories import ConcentratorFactory
from tests.support.listener import database_url

pytestmark = pytest.mark.django_db(transaction=True)

TIMES = 50
_RESERVE = """
import django, json, sys
django.setup()
from concentrators.keys.counters import reserve
key, times = map(int, sys.argv[1:])
print(json.dumps([counter for _ in range(times) for counter in reserve([key], 7)[key].counters]))
"""


def counters_in(job: Job) -> list[int]:
    assert job.target.security
    return list(job.target.security.counters)


def test_each_claim_has_counters_of_its_own_also_if_the_writer_is_killed() -> None:
    (one,) = installed()
    give_keys(one, counter=70)
    now = timezone.now()
    (first,) = claim("one", 10, now)
    (again,) = claim("two", 10, now + HOLD + timedelta(seconds=1))  # the first one was killed
    assert counters_in(first) == list(range(70, 70 + OF_CONFIGURATION))
    assert counters_in(again) == list(range(70 + OF_CONFIGURATION, 70 + 2 * OF_CONFIGURATION))
    assert counters_in(first) == []  # what was used is not there again


def test_the_reading_of_a_log_has_more_of_them() -> None:
    (one,) = installed()
    give_keys(one)
    now = timezone.now()
    one.type.power_log_object = "1-0:99.97.0.255"
    one.type.save()
    PowerLog.objects.create(concentrator=one, due_at=now)
    (job,) = claim_logs("one", 10, now + timedelta(seconds=1))
    assert job.target.device.security
    assert list(job.target.device.security.counters) == list(range(1, 1 + OF_LOG))


def test_of_many_each_has_its_own_and_who_has_no_keys_has_none() -> None:
    ones = [ConcentratorFactory.create() for _ in range(4)]
    for number, one in enumerate(ones[:3]):
        give_keys(one, counter=100 * (number + 1))
    keys = [one.pk for one in ones]
    assert reserve([], 5) == reserve(keys[3:], 5) == {}
    found = reserve(reversed(keys), 5)  # type: ignore[arg-type]
    assert {key: one.counters for key, one in found.items()} == {
        keys[0]: range(100, 105),
        keys[1]: range(200, 205),
        keys[2]: range(300, 305),
    }
    assert found[keys[0]].system_title == DeviceKeys.objects.get(pk=keys[0]).system_title


@pytest.mark.parametrize(
    ("counter", "reserved"), [(LAST_COUNTER - 4, 5), (LAST_COUNTER - 3, 0), (LAST_COUNTER, 0), (LAST_COUNTER + 1, 0)]
)
def test_the_last_counter_is_used_and_none_behind_it(counter: int, reserved: int) -> None:
    one = ConcentratorFactory.create()
    give_keys(one, counter=counter)
    (found,) = reserve([one.pk], 5).values()
    assert list(found.counters) == list(range(counter, counter + reserved))
    assert DeviceKeys.objects.get().own_counter == counter + reserved


def test_new_keys_come_with_counters_of_their_own() -> None:
    one = ConcentratorFactory.create()
    row = give_keys(one, counter=500)
    DeviceKeys.objects.update(encrypted_unicast_key="new", own_counter=1)
    (found,) = reserve([one.pk], 5).values()
    assert (found.encrypted_unicast_key, found.counters) == ("new", range(1, 6))
    assert row.encrypted_authentication_key == found.encrypted_authentication_key


@pytest.mark.process
@pytest.mark.ci_only
def test_processes_that_reserve_at_once_never_get_the_same() -> None:
    one = ConcentratorFactory.create()
    give_keys(one)
    command = [sys.executable, "-c", _RESERVE, str(one.pk), str(TIMES)]
    environment = os.environ | {"DATABASE_URL": database_url()}
    workers = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env=environment) for _ in range(2)]
    found = [json.loads(worker.communicate(timeout=60)[0]) for worker in workers]
    counters = [counter for counters in found for counter in counters]
    assert sorted(counters) == list(range(1, 1 + 2 * TIMES * 7))
