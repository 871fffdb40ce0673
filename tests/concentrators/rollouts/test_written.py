"""What a procedure says of writing is obeyed by a writer that meets devices (PRC-1, CFG-4)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any

import pytest
from django.utils import timezone

from concentrators.configuration import writer
from concentrators.configuration.jobs import claim
from concentrators.configuration.outcomes import Outcome as Came
from concentrators.configuration.storing import store
from concentrators.models import Concentrator, Failure, RollOut
from concentrators.procedures.actions import install, modify, remove
from concentrators.simulator.devices import Device
from profiles.models import SpontaneousProfile
from tests.concentrators.configuration.devices import configuration_of, device_of, installed, meet, values_of
from tests.factories import ProcedureProfileFactory, SpontaneousProfileFactory

pytestmark = pytest.mark.django_db(transaction=True)

ALL = Concentrator.objects.all()


@pytest.fixture(autouse=True)
def networks(settings: Any) -> None:
    settings.WRITER_NETWORKS = ["127.0.0.0/8"]


def fleet(number: int, profile: SpontaneousProfile | None = None, **procedure: Any) -> dict[Concentrator, Device]:
    """Devices of concentrators that get another profile by such a procedure."""
    ones = installed(number)
    profile = profile or SpontaneousProfileFactory.create()
    modify(ALL, profile, user=None, now=timezone.now(), procedure=ProcedureProfileFactory.create(**procedure))
    return {one: device_of(one) for one in ones}


def test_a_writer_that_runs_once_goes_through_all_waves_that_need_no_wakeup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "LOOK_S", 30.0)
    quiet = SpontaneousProfileFactory.create(wakeup_enabled=False, wakeup_period=None)
    devices = fleet(4, quiet, waves="1, 2, all")
    began_at = monotonic()
    assert [len(meet(devices)), RollOut.objects.latest("pk").state] == [4, "done"]
    assert monotonic() - began_at < writer.LOOK_S, "it waited between two waves, although nothing was under way"


def test_one_that_waits_for_wakeups_ends_after_its_first_wave() -> None:
    devices = fleet(3, waves="2, all")
    assert [len(meet(devices)), RollOut.objects.latest("pk").current_wave] == [2, 1]


def test_a_removal_writes_the_period_0_and_nothing_else() -> None:
    (one,) = installed()
    device = device_of(one)
    meet({one: device})
    before = dict(values_of(one))
    procedure = ProcedureProfileFactory.create(disables_on_removal=True)
    remove(ALL, user=None, now=timezone.now(), procedure=procedure)
    meet({one: device})
    assert device.profile.period is None
    assert values_of(one) == before | {"period": ("0", "0", "0")}
    assert (configuration_of(one).state, RollOut.objects.latest("pk").state) == ("written", "done")
    install(ALL, one.profile or SpontaneousProfile.objects.get(), user=None, now=timezone.now())
    meet({one: device})
    assert device.profile.period == 600


def test_a_removal_that_disables_nothing_meets_no_device() -> None:
    (one,) = installed()
    remove(ALL, user=None, now=timezone.now())
    assert meet({one: device_of(one)}) == []


def test_it_is_read_back_again_after_the_days_of_its_procedure() -> None:
    devices = fleet(1, verify_after_days=3)
    (one,) = devices
    meet(devices)
    begin = configuration_of(one).checked_at
    assert begin is not None
    assert configuration_of(one).verify_at == begin + timedelta(days=3)

    def after(days: float) -> int:
        return len(meet(devices, now=partial(begin.__add__, timedelta(days=days))))

    assert (after(2.9), after(3), after(3.1), after(6)) == (0, 1, 0, 1)


def test_of_the_default_procedure_nothing_is_read_back_again() -> None:
    devices = fleet(1)
    meet(devices)
    assert meet(devices, now=lambda: timezone.now() + timedelta(days=400)) == []


def test_the_pause_after_a_failure_and_the_number_of_tries_are_those_of_the_procedure() -> None:
    (one,) = fleet(1, tries=2, backoff_min=30)
    now = timezone.now()
    fail = partial(store, writer="writer", chance=lambda: 0.5)
    fail([(claim("writer", 1, now)[0], Came(failure=Failure.SILENT))], now=now)
    assert configuration_of(one).next_try_at == now + timedelta(minutes=30)
    now += timedelta(minutes=30)
    fail([(claim("writer", 1, now)[0], Came(failure=Failure.SILENT))], now=now)
    found = configuration_of(one)
    assert (found.failures, found.next_try_at, found.wakes_from) == (2, None, now + timedelta(minutes=60))
