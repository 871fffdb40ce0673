"""Places whose concentrators go dark."""

from __future__ import annotations

import pytest

from concentrators.models import Company, Concentrator
from tests.factories import ConcentratorFactory
from tests.wakeup.monitoring.incidents.dark import Place
from tests.wakeup.monitoring.outages.story import at
from wakeup.monitoring.incidents.keeping import keep_incidents


@pytest.fixture
def place(chile: Company) -> Place:
    """Four concentrators in field, in a company with many others."""

    def made(feeder: str = "F1", count: int = 4, **facts: object) -> list[Concentrator]:
        facts = {"company": chile, "substation": "S", "customers": 50, **facts}
        return [ConcentratorFactory.create(in_field=True, feeder=feeder, **facts) for _ in range(count)]

    made("", count=12, substation="")
    made("other", count=12)
    keep_incidents(at("12:00"))
    return made
