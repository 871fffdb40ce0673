"""The demo company of `make run`: Chile with 90 concentrators (OPS-1). What became of them is in `smmeplus/demo`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from concentrators import importing
from concentrators.models import Company, Concentrator, ConcentratorType
from profiles.environments import ENVIRONMENTS, load_environment

COMPANY = "Chile"
INSTALLATION_FILE = Path(__file__).parent / "installation-chile.csv"
CANARY = "CANARY-1"  # the serial number with which the Procfile starts `manage.py canary`


def add_company(*, now: datetime) -> Company | None:
    """Add the Production profiles, and the company with its inventory; None if it exists: users have changed it."""
    load_environment(ENVIRONMENTS["production"])
    company, is_new = Company.objects.get_or_create(name=COMPANY, defaults={"time_zone": "America/Santiago"})
    if not is_new:
        return None
    with INSTALLATION_FILE.open("rb") as source:
        importing.write(importing.check(source, company), company=company, user=None, now=now)
    of_demo = {"company": company, "type": ConcentratorType.objects.get(name="CERCO1"), "is_canary": True}
    Concentrator.objects.get_or_create(serial_number=CANARY, defaults={**of_demo, "manufacturer": ""})
    return company
