"""The demo company of `make run`: Chile with 90 concentrators, 60 of them in field (OPS-1)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from concentrators import importing
from concentrators.models import Company, Concentrator, ConcentratorType
from concentrators.procedures.actions import install
from profiles.environments import ENVIRONMENTS, load_environment
from profiles.models import SpontaneousProfile

COMPANY = "Chile"
INSTALLATION_FILE = Path(__file__).parent / "installation-chile.csv"
IN_FIELD_EACH = 30  # with each of the two profiles
CANARY = "CANARY-1"  # the serial number with which the Procfile starts `manage.py canary`


def load_demo(*, now: datetime) -> None:
    """Add the Production profiles, and the company unless it exists: what users have changed is kept."""
    load_environment(ENVIRONMENTS["production"])
    company, is_new = Company.objects.get_or_create(name=COMPANY, defaults={"time_zone": "America/Santiago"})
    if not is_new:
        return
    with INSTALLATION_FILE.open("rb") as source:
        importing.write(importing.check(source, company), company=company, user=None, now=now)
    serials = list(Concentrator.objects.filter(company=company).values_list("pk", flat=True))
    profiles = [SpontaneousProfile.objects.get(name=name) for name, _period in ENVIRONMENTS["production"].profiles]
    for index, profile in enumerate(profiles):
        chosen = serials[index * IN_FIELD_EACH : (index + 1) * IN_FIELD_EACH]
        install(Concentrator.objects.filter(pk__in=chosen), profile, user=None, now=now)
    add_canary(company)


def add_canary(company: Company) -> None:
    of_demo = {"company": company, "type": ConcentratorType.objects.get(name="CERCO1"), "is_canary": True}
    Concentrator.objects.get_or_create(serial_number=CANARY, defaults={**of_demo, "manufacturer": ""})
