"""Makes the inventory of a world: all are installed at its beginning."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from concentrators.models import Assignment, Company, Concentrator
from concentrators.procedures.watches import add_watches
from profiles.models import SpontaneousProfile
from tests.factories import (
    CompanyFactory,
    ConcentratorFactory,
    ConcentratorTypeFactory,
    SpontaneousProfileFactory,
)
from tests.world.scenario import SERVICE, Scenario


def make(scenario: Scenario) -> tuple[Company, dict[str, list[str]]]:
    """The company, and the serial numbers of each group. Thousands take some seconds, as there is no query for each."""
    company = CompanyFactory.create()
    usual = SpontaneousProfileFactory.create(
        wakeup_period=scenario.period_min, last_gasp_enabled=True, last_gasp_ip=SERVICE
    )
    each_minute = SpontaneousProfileFactory.create(wakeup_period=1)
    numbers, groups = count(1), dict[str, list[str]]()
    for group in scenario.all_groups:
        profile = each_minute if scenario.traits_of(group).is_canary else usual
        made = Concentrator.objects.bulk_create(_concentrators(scenario, group, company, profile, numbers))
        groups[group] = [one.serial_number for one in made]
        Assignment.objects.bulk_create(
            Assignment(concentrator=one, begin=scenario.start, period_min=profile.wakeup_period) for one in made
        )
    add_watches(Concentrator.objects.all())
    return company, groups


def _concentrators(
    scenario: Scenario, group: str, company: Company, profile: SpontaneousProfile, numbers: Iterator[int]
) -> Iterator[Concentrator]:
    traits, kind = scenario.traits_of(group), ConcentratorTypeFactory.create()
    for _ in range(scenario.all_groups[group]):
        number = next(numbers)
        yield ConcentratorFactory.build(
            in_field=True,
            company=company,
            type=kind,
            profile=profile,
            is_canary=traits.is_canary,
            carrier=traits.carrier,
            region=traits.region,
            substation=traits.substation,
            feeder=traits.feeder,
            customers=10,
            serial_number=f"16CEC506{number:08}",
            management_ip=f"10.60.{number // 250}.{number % 250 + 1}",
        )
