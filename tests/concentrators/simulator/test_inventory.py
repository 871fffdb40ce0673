"""Which concentrators of the inventory are simulated, and how."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from concentrators.models import Company, Concentrator, ConcentratorType, State
from concentrators.simulator.behaviour import Profile
from concentrators.simulator.inventory import Installation, installations, made_up
from profiles.models import SpontaneousProfile

pytestmark = pytest.mark.one_database


@pytest.fixture
def company(db: None) -> Company:
    return Company.objects.create(name="Chile", time_zone="America/Santiago")


def profile(name: str, minutes: int | None, **more: object) -> SpontaneousProfile:
    values = {"wakeup_ip": "10.132.20.228", "wakeup_enabled": minutes is not None, "wakeup_period": minutes, **more}
    return SpontaneousProfile.objects.create(name=name, **values)


def concentrator(company: Company, serial: str, profile: SpontaneousProfile | None, **more: object) -> Concentrator:
    in_field = {"state": State.IN_FIELD, "installed_at": datetime(2026, 3, 14, tzinfo=UTC)} if profile else {}
    kind, _ = ConcentratorType.objects.get_or_create(name="CERCO1")
    values = {"serial_number": serial, "company": company, "type": kind, "profile": profile, **in_field, **more}
    return Concentrator.objects.create(**values)


def test_a_concentrator_in_field_has_the_period_of_its_profile_in_seconds(company: Company) -> None:
    concentrator(company, "A1", profile("100 min", 100), management_ip="10.60.0.10")
    assert installations(company.pk) == [Installation("A1", Profile(period=6000.0), "127.60.0.10")]


def test_a_profile_with_last_gasp_makes_a_concentrator_announce_the_loss_of_its_supply(company: Company) -> None:
    concentrator(company, "A1", profile("gasp", 10, last_gasp_enabled=True, last_gasp_ip="10.132.20.229"))
    assert [found.profile for found in installations(company.pk)] == [Profile(period=600.0, last_gasp=True)]


def test_a_profile_with_wakeup_disabled_keeps_a_concentrator_silent_even_if_it_names_a_period(
    company: Company,
) -> None:
    concentrator(company, "A1", profile("off", None))
    concentrator(company, "A2", profile("off, 10", 10, wakeup_enabled=False))
    assert [found.profile for found in installations(company.pk)] == [Profile(period=None), Profile(period=None)]


def test_what_is_available_removed_or_another_companys_is_not_simulated(company: Company) -> None:
    ten_minutes = profile("10 min", 10)
    concentrator(company, "A1", None)
    concentrator(company, "A2", None, state=State.REMOVED)
    concentrator(Company.objects.create(name="Peru"), "A3", ten_minutes)
    assert installations(company.pk) == []


def test_concentrators_without_management_address_still_have_addresses_of_their_own(company: Company) -> None:
    ten_minutes = profile("10 min", 10)
    keys = [concentrator(company, serial, ten_minutes).pk for serial in ("A1", "A2")]
    sources = [found.source for found in installations(company.pk)]
    assert sources == [f"127.128.{key >> 8}.{key & 255}" for key in keys]


def test_concentrators_come_by_serial_number_in_one_query(
    company: Company, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    ten_minutes = profile("10 min", 10)
    for serial in ("B2", "A1", "C3"):
        concentrator(company, serial, ten_minutes)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert [found.serial for found in installations(company.pk)] == ["A1", "B2", "C3"]


def test_a_company_that_is_gone_has_no_concentrators(db: None) -> None:
    assert installations(4711) == []


def test_made_up_concentrators_are_numbered_from_one() -> None:
    assert made_up(2, 15) == [
        Installation("SIM0000000001", Profile(period=900.0), "127.128.0.1"),
        Installation("SIM0000000002", Profile(period=900.0), "127.128.0.2"),
    ]
