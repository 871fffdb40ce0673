"""`manage.py loadenvironment`: the reference environments (SET-4)."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from profiles.models import SpontaneousProfile, SystemSettings

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

REFERENCE = {
    "production": [
        ("Wake up SMMePlus 10 min", "10.132.20.228", 58692, 10),
        ("Wake up SMMePlus 100 min", "10.132.20.228", 58692, 100),
    ],
    "uat": [("smmeplus uat", "10.132.20.229", 58692, 10)],
}
NAMES = {"production": "Production", "uat": "UAT"}


def load(environment: str) -> str:
    out = StringIO()
    call_command("loadenvironment", environment, stdout=out)
    return out.getvalue()


def profiles() -> list[tuple[str, str, int, int | None]]:
    return list(SpontaneousProfile.objects.values_list("name", "wakeup_ip", "wakeup_port", "wakeup_period"))


@pytest.mark.parametrize("environment", REFERENCE)
def test_an_environment_is_exactly_the_table_of_the_reference(environment: str) -> None:
    load(environment)
    assert profiles() == REFERENCE[environment]
    settings = SystemSettings.objects.get()
    assert (settings.environment_name, settings.wakeup_ip) == (NAMES[environment], REFERENCE[environment][0][1])
    assert (settings.wakeup_port, settings.last_gasp_configurable, settings.reporting_zone) == (58692, False, "")
    assert all(profile.wakeup_enabled and not profile.last_gasp_enabled for profile in SpontaneousProfile.objects.all())


@pytest.mark.parametrize("environment", REFERENCE)
def test_a_second_run_changes_nothing_and_says_so(environment: str) -> None:
    load(environment)
    again = load(environment)
    assert profiles() == REFERENCE[environment]
    assert (again.count("as before"), again.count("there already")) == (1, len(REFERENCE[environment]))
    assert SystemSettings.history.count() == 1
    assert SpontaneousProfile.history.count() == len(REFERENCE[environment])


@pytest.mark.parametrize(("loaded", "other"), [("production", "uat"), ("uat", "production")])
def test_another_environment_is_refused_and_nothing_changes(loaded: str, other: str) -> None:
    load(loaded)
    with pytest.raises(CommandError, match=f"is {REFERENCE[loaded][0][1]} .{NAMES[loaded]}., not") as refused:
        load(other)
    assert "admin site" in str(refused.value)
    assert profiles() == REFERENCE[loaded]
    assert SystemSettings.current().environment_name == NAMES[loaded]


def test_a_profile_that_was_removed_comes_back_and_one_that_was_changed_stays() -> None:
    load("production")
    SpontaneousProfile.objects.get(wakeup_period=100).delete()
    SpontaneousProfile.objects.update(wakeup_period=20)
    said = load("production")
    assert "“Wake up SMMePlus 10 min”: there already" in said
    assert "“Wake up SMMePlus 100 min”: added, every 100 min" in said
    assert [period for *_, period in profiles()] == [20, 100]


def test_settings_without_an_address_are_completed() -> None:
    SystemSettings.objects.create(reporting_zone="Europe/Rome")
    load("uat")
    settings = SystemSettings.objects.get()
    assert (settings.environment_name, settings.reporting_zone) == ("UAT", "Europe/Rome")


def test_an_environment_that_does_not_exist_is_refused() -> None:
    with pytest.raises(CommandError, match="invalid choice: 'staging'"):
        load("staging")
    assert not SystemSettings.objects.exists()
