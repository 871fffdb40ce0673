"""The writer meets simulated devices over real sockets (CFG-1 to CFG-3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from concentrators.configuration.storing import confirm
from concentrators.models import Concentrator, Configuration, ConfigurationState, Failure, Parameter, Watch
from concentrators.procedures.actions import modify, remove
from concentrators.procedures.configurations import try_again
from concentrators.simulator.behaviour import Profile
from smmeplus.dlms import data as d
from smmeplus.dlms.access.coding.requests import SET_REQUEST
from smmeplus.dlms.framing.wrapper import HEADER_SIZE
from tests.concentrators.configuration.devices import (
    FaultyLine,
    configuration_of,
    device_of,
    heard,
    installed,
    meet,
    obey,
    values_of,
)
from tests.factories import SpontaneousProfileFactory

pytestmark = pytest.mark.django_db(transaction=True)


class Recorded:
    """Obeys, and keeps the APDUs of all requests."""

    def __init__(self) -> None:
        self.apdus: list[bytes] = []

    def __call__(self, line: FaultyLine, data: bytes) -> None:
        self.apdus.append(data[HEADER_SIZE:])
        obey(line, data)

    @property
    def sets(self) -> int:
        return sum(apdu[0] == SET_REQUEST for apdu in self.apdus)


def test_the_device_does_what_was_written_into_it() -> None:
    (one,) = installed()
    device = device_of(one)
    assert device.profile == Profile(None)
    meet({one: device})
    found = configuration_of(one)
    assert (found.state, found.failure, found.next_try_at, found.held_by) == (ConfigurationState.WRITTEN, "", None, "")
    assert device.profile == Profile(600.0)
    watch = Watch.objects.get()
    assert (watch.period_min, watch.is_written, watch.silent_from) == (10, True, found.written_at)
    assert values_of(one) == {
        "destination": ("10.132.20.228:58692", "10.132.20.228:58692", "10.132.20.228:58692"),
        "random start": ("0", "", "0"),
        "retries": ("3", "3", "3"),
        "retry delay": ("60", "", "60"),
        "last gasp": ("", "", ""),
        "period": ("10", "10", "10"),
    }


def test_what_is_as_it_shall_be_is_not_written() -> None:
    (one,) = installed()
    device = device_of(one)
    meet({one: device})
    try_again(Configuration.objects.all(), timezone.now())
    recorded = Recorded()
    meet({one: device}, recorded)
    assert recorded.apdus
    assert recorded.sets == 0
    assert configuration_of(one).state == ConfigurationState.WRITTEN


def test_the_first_wakeup_after_the_writing_confirms_it_and_one_before_does_not() -> None:
    (one,) = installed()
    heard(one, timezone.now())
    meet({one: device_of(one)})
    now = timezone.now()
    assert confirm(now) == 0
    heard(one, now)
    assert confirm(now) == 1
    assert (configuration_of(one).state, configuration_of(one).confirmed_at) == (ConfigurationState.CONFIRMED, now)


def test_another_device_is_never_written() -> None:
    (one,) = installed()
    stranger = device_of(one)
    stranger = type(stranger)("STRANGER", one.type, {})
    recorded = Recorded()
    meet({one: stranger}, recorded)
    found = configuration_of(one)
    assert (found.state, found.failure, found.detail) == ("failed", Failure.OTHER_DEVICE, "STRANGER")
    assert (found.other_serial, found.other_at is not None) == ("STRANGER", True)
    assert recorded.sets == 0


def test_who_else_answered_is_known_until_the_right_one_does() -> None:
    (one,) = installed()
    device = device_of(one)
    meet({one: device})
    later = timezone.now() + timedelta(days=8)
    meet({one: type(device)("STRANGER", one.type, {})}, verify_after=timedelta(days=7), now=lambda: later)
    assert (configuration_of(one).state, configuration_of(one).other_serial) == ("written", "STRANGER")
    try_again(Configuration.objects.all(), timezone.now())
    meet({})
    assert (configuration_of(one).failure, configuration_of(one).other_serial) == (Failure.UNREACHABLE, "STRANGER")
    try_again(Configuration.objects.all(), timezone.now())
    meet({one: device})
    assert (configuration_of(one).other_serial, configuration_of(one).other_at) == ("", None)


def test_a_type_of_the_device_is_kept() -> None:
    (one,) = installed()
    device = device_of(one)
    device.memory[device.places.period].value = (d.UNSIGNED, 0)
    device.memory[device.places.retry_delay].value = (d.STRUCTURE, [(d.LONG_UNSIGNED, 1)] * 3)
    meet({one: device})
    assert device.memory[device.places.period].value == (d.UNSIGNED, 10)
    assert device.memory[device.places.retry_delay].value[1] == [(d.LONG_UNSIGNED, n) for n in (60, 100, 60)]
    assert values_of(one)["retry delay"] == ("60", "60", "60")


def test_what_does_not_fit_into_the_type_of_the_device_stops_all_writing() -> None:
    (one,) = installed(profile=SpontaneousProfileFactory.create(wakeup_period=720))
    device = device_of(one)
    device.memory[device.places.period].value = (d.UNSIGNED, 0)
    recorded = Recorded()
    meet({one: device}, recorded)
    assert configuration_of(one).failure == Failure.VALUE
    assert recorded.sets == 0


def test_a_last_gasp_that_is_not_wanted_need_not_be_there() -> None:
    (one,) = installed()
    device = device_of(one)
    del device.memory[device.places.last_gasp]
    recorded = Recorded()
    meet({one: device}, recorded)
    assert configuration_of(one).state == ConfigurationState.WRITTEN


def test_the_logical_device_name_tells_who_it_is_where_the_serial_number_does_not() -> None:
    (one,) = installed()
    device = device_of(one)
    device.memory.pop(next(iter(device.memory)))
    meet({one: device})
    assert configuration_of(one).state == ConfigurationState.WRITTEN


def test_a_password_that_fits_is_taken(settings: Any) -> None:
    from cryptography.fernet import Fernet

    from concentrators.keys.passwords import set_password

    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
    (one,) = installed()
    set_password(one, "secret-1")
    meet({one: device_of(one, password=b"secret-1")})
    assert configuration_of(one).state == ConfigurationState.WRITTEN
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
    try_again(Configuration.objects.all(), timezone.now())
    assert meet({one: device_of(one, password=b"secret-1")}) == []
    assert configuration_of(one).failure == Failure.NO_KEY


@pytest.mark.parametrize(("address", "failure"), [("10.9.9.9", Failure.OUTSIDE), (None, Failure.NO_ADDRESS)])
def test_the_writer_connects_only_where_an_administrator_lets_it(address: str | None, failure: Failure) -> None:
    (one,) = installed()
    Concentrator.objects.update(management_ip=address)
    assert meet({}) == []
    assert configuration_of(one).failure == failure


def test_without_networks_nothing_is_begun(settings: Any) -> None:
    settings.WRITER_NETWORKS = []
    (one,) = installed()
    assert meet({one: device_of(one)}) == []
    assert configuration_of(one).state == ConfigurationState.PENDING


def test_two_writers_write_no_device_twice() -> None:
    ones = installed(20)
    lines = meet({one: device_of(one) for one in ones}, writers=3)
    assert len(lines) == 20
    assert set(Configuration.objects.values_list("state", flat=True)) == {"written"}


def test_what_a_writer_left_in_the_middle_is_due_again_when_its_time_is_over() -> None:
    (one,) = installed()
    now = timezone.now()
    Configuration.objects.update(state="writing", held_by="gone", held_until=now + timedelta(minutes=5))
    Configuration.objects.update(next_try_at=now + timedelta(minutes=5))
    assert meet({one: device_of(one)}) == []
    assert len(meet({one: device_of(one)}, now=lambda: now + timedelta(minutes=6))) == 1
    assert configuration_of(one).state == ConfigurationState.WRITTEN


@pytest.mark.parametrize("change", ["modify", "remove"])
def test_what_a_change_of_profile_has_overtaken_counts_for_nothing(change: str) -> None:
    (one,) = installed()
    chosen = Concentrator.objects.filter(pk=one.pk)

    overtaken: list[FaultyLine] = []

    def overtake(line: FaultyLine, data: bytes) -> None:
        if line.requests == 2 and not overtaken:
            overtaken.append(line)
            if change == "modify":
                other = SpontaneousProfileFactory.create(wakeup_period=100)
                modify(chosen, other, user=None, now=timezone.now())
            else:
                remove(chosen, user=None, now=timezone.now())
            connection.close()  # Django has opened one for this event loop
        obey(line, data)

    device = device_of(one)
    lines = meet({one: device}, overtake)
    found = configuration_of(one)
    assert found.held_by == ""
    if change == "modify":
        assert len(lines) == 2
        assert (found.state, device.profile) == (ConfigurationState.WRITTEN, Profile(6000.0))
    else:
        assert len(lines) == 1
        assert (found.profile, found.next_try_at) == (None, None)


def test_a_device_that_has_forgotten_has_drifted_and_one_that_remembers_has_not() -> None:
    ones = installed(2)
    devices = {one: device_of(one) for one in ones}
    meet(devices)
    forgetful = devices[ones[0]]
    forgetful.memory[forgetful.places.period].value = (d.LONG_UNSIGNED, 100)
    later = timezone.now() + timedelta(days=8)
    recorded = Recorded()
    lines = meet(devices, recorded, verify_after=timedelta(days=7), now=lambda: later)
    assert (len(lines), recorded.sets) == (2, 0)
    states = {one: configuration_of(one) for one in ones}
    assert [states[one].state for one in ones] == [ConfigurationState.DRIFTED, ConfigurationState.WRITTEN]
    assert states[ones[0]].detail == "wakeup period min"
    assert values_of(ones[0])["period"] == ("10", "10", "100")
    assert meet(devices, verify_after=timedelta(days=7), now=lambda: later) == []


def test_to_verify_after_no_days_is_done_once() -> None:
    (one,) = installed()
    device = device_of(one)
    meet({one: device})
    assert len(meet({one: device}, verify_after=timedelta(0))) == 1


def test_the_period_of_a_disabled_wakeup_is_0() -> None:
    (one,) = installed(profile=SpontaneousProfileFactory.create(wakeup_enabled=False))
    device = device_of(one, {Parameter.PERIOD: "100"})
    meet({one: device})
    assert device.profile == Profile(None)
    assert values_of(one)["period"] == ("0", "0", "0")
