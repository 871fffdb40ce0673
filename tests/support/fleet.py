"""A large fleet with a history, to look at and to measure on: ``python -m tests.support.fleet --count 400000``.

Writes into the database of the settings: a company *Fleet*, its concentrators (three quarters in field with one
of three profiles), and for each of these a total and the counts of some days.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concentrators.models import Concentrator
    from profiles.models import SpontaneousProfile

COMPANY = "Fleet"
AT_ONCE = 20_000


def make_fleet(count: int, days: int, first: int = 0) -> None:
    """Make ``count`` concentrators with ``days`` day counts each, numbered from ``first`` on."""
    from django.db import transaction

    for start in range(first, first + count, AT_ONCE):
        with transaction.atomic():
            _make(range(start, min(start + AT_ONCE, first + count)), days, datetime.now(UTC))


def _make(numbers: range, days: int, now: datetime) -> None:
    from concentrators.models import Assignment, Concentrator, State
    from concentrators.procedures.watches import add_watches
    from wakeup.models import ClosedDay, WakeupTotal

    installed_at = now - timedelta(days=days)
    made = Concentrator.objects.bulk_create(_concentrators(numbers, installed_at))
    in_field = [one for one in made if one.state == State.IN_FIELD]
    Assignment.objects.bulk_create(
        Assignment(concentrator=one, begin=installed_at, period_min=one.profile.wakeup_period)
        for one in in_field
        if one.profile
    )
    add_watches(Concentrator.objects.filter(pk__in=[one.pk for one in in_field]))
    WakeupTotal.objects.bulk_create(
        WakeupTotal(
            concentrator=one,
            first_wakeup_at=installed_at,
            last_wakeup_at=now - timedelta(seconds=one.pk % 600),
            wakeup_count=144 * days,
            source_ip=one.management_ip or "",
            port=58_692,
        )
        for one in in_field
    )
    ClosedDay.objects.bulk_create(
        ClosedDay(
            concentrator=one,
            day=(now - timedelta(days=ago)).date(),
            wakeup_count=144,
            first_wakeup_at=now - timedelta(days=ago),
            last_wakeup_at=now - timedelta(days=ago),
            source_ip=one.management_ip or "",
        )
        for one in in_field
        for ago in range(days)
    )


def _concentrators(numbers: range, installed_at: datetime) -> Iterator[Concentrator]:
    from concentrators.models import Company, Concentrator, ConcentratorType, State
    from wakeup.models import CountingZone

    company = Company.objects.get_or_create(name=COMPANY, defaults={"time_zone": "America/Santiago"})[0]
    CountingZone.objects.get_or_create(company=company, defaults={"time_zone": "UTC"})
    concentrator_type = ConcentratorType.objects.get_or_create(name="CERCO1")[0]
    profiles = [_profile(period) for period in (10, 60, 100)]
    for number in numbers:
        is_in_field = bool(number % 4)
        yield Concentrator(
            serial_number=f"FLEET{number:09}",
            company=company,
            type=concentrator_type,
            management_ip=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
            substation=f"Substation {number % 2_000}",
            feeder=f"S{number % 2_000}-F{number % 7}",
            region=f"Region {number % 16}",
            carrier=f"Carrier {number % 3}",
            customers=number % 300,
            state=State.IN_FIELD if is_in_field else State.AVAILABLE,
            profile=profiles[number % 3] if is_in_field else None,
            installed_at=installed_at if is_in_field else None,
        )


def _profile(period_min: int) -> SpontaneousProfile:
    from profiles.models import SpontaneousProfile
    from profiles.names import fold_name

    name = f"Fleet {period_min} min"
    facts = {"name": name, "wakeup_ip": "10.132.20.228", "wakeup_period": period_min}
    return SpontaneousProfile.objects.get_or_create(name_folded=fold_name(name), defaults=facts)[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=400_000)
    parser.add_argument("--days", type=int, default=3)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smmeplus.settings")
    import django

    django.setup()
    make_fleet(options.count, options.days)
    sys.stdout.write(f"{options.count} concentrators made\n")


if __name__ == "__main__":
    main()
