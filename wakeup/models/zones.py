"""At whose midnight reporting days are cut (REP-5)."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable

from django.db import models

from concentrators.models import Company
from profiles.models import SystemSettings


class CountingZone(models.Model):
    """The zone at whose midnight a company's days *are* cut; `rebuildcounts` alone changes it (REP-5).

    The settings say how they *should* be cut. While the two differ the counters stay consistent, because
    every writer reads this row inside its transaction.
    """

    company = models.OneToOneField(Company, on_delete=models.CASCADE, primary_key=True, related_name="counting_zone")
    time_zone = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.time_zone


def wanted_zone(company: Company, settings: SystemSettings) -> str:
    """The zone that the settings ask for: the system's, else the company's own (SET-3)."""
    return settings.reporting_zone or company.time_zone


def with_zones(companies: models.QuerySet[Company]) -> list[Company]:
    """``companies`` with the zones in which their days are counted, in one query."""
    return list(companies.select_related("counting_zone"))


def zone_in_force(company: Company, settings: SystemSettings) -> zoneinfo.ZoneInfo:
    """The zone in which the company's days are counted now; a query unless it was loaded :func:`with_zones`."""
    counting = getattr(company, "counting_zone", None)
    return zoneinfo.ZoneInfo(counting.time_zone if counting else wanted_zone(company, settings))


def start_counting(companies: Iterable[Company]) -> dict[int, str]:
    """Put the wanted zones into force for companies whose first message this is; the zones by company id."""
    settings = SystemSettings.current()
    return {
        company.pk: CountingZone.objects.get_or_create(
            company=company, defaults={"time_zone": wanted_zone(company, settings)}
        )[0].time_zone
        for company in companies
    }
