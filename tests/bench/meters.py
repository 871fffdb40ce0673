"""MET-8: lists of meters stored, against a loop of ``update_or_create`` as a plain program would write it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count

from django.db import transaction

from concentrators.meters.lists import ListedMeter, ReceivedList
from concentrators.meters.storing import store_list
from concentrators.models import Company, Concentrator, ConcentratorType
from concentrators.models.meters import Meter, MeterSource, MeterState, Sighting
from tests.bench.context import Context
from tests.bench.figures import Result, Target, compared
from tests.bench.per4 import query, seconds

METERS = 90  # of a list, as in the largest fleets that are known
LISTS, OF_THE_LOOP = 60, 4  # of a round
HOUR = timedelta(hours=1)
BEGIN = datetime(2026, 11, 20, 12, tzinfo=UTC)
_FLOOR = "a loop of update_or_create"
_numbers = count()


def measure(context: Context) -> list[Result]:
    """The same lists come three times: all new, nothing new in them, and with a later contact of each meter."""
    if not context.is_postgres:
        return []
    company = Company.objects.create(name="Meters", time_zone="America/Santiago")
    new, same, seen, plain_new, plain_same = ([] for _ in range(5))
    for _ in range(context.rounds):
        ones = _concentrators(company, LISTS + OF_THE_LOOP)
        ours, plain = ones[:LISTS], ones[LISTS:]
        plain_new.append(_rate(plain, 0, 0, by_loop=True))
        new.append(_rate(ours, 0, 0))
        query("VACUUM ANALYZE")
        plain_same.append(_rate(plain, 1, 0, by_loop=True))
        same.append(_rate(ours, 1, 0))
        seen.append(_rate(ours, 2, 2))
    _check(company, context.rounds)
    what = f"lists of {METERS} meters stored, "
    return [
        compared("MET-8", f"{what}all new", "rows/s", new, _FLOOR, plain_new, Target("≥", 20)),
        compared("MET-8", f"{what}nothing new", "rows/s", same, _FLOOR, plain_same, Target("≥", 20)),
        compared("MET-8", f"{what}a later contact of each", "rows/s", seen, _FLOOR, plain_same, Target("≥", 20)),
    ]


def _concentrators(company: Company, many: int) -> list[Concentrator]:
    kind, _ = ConcentratorType.objects.get_or_create(name="CERCO1")
    return Concentrator.objects.bulk_create(
        [Concentrator(serial_number=f"METERS{next(_numbers)}", company=company, type=kind) for _ in range(many)]
    )


def _rate(ones: Sequence[Concentrator], hours: int, contact: int, *, by_loop: bool = False) -> float:
    """Rows a second, of one list of each; one transaction a list."""
    lists = [_list(one, BEGIN + hours * HOUR, BEGIN + (contact - 1) * HOUR) for one in ones]
    take = _by_loop if by_loop else _by_us
    return len(ones) * METERS / seconds(lambda: [take(received) for received in lists])


def _list(one: Concentrator, at: datetime, contact: datetime) -> ReceivedList:
    rows = [
        ListedMeter(f"CIR{one.pk:06}{number:04}", MeterState.ACTIVE, active=True, last_seen=contact)
        for number in range(METERS)
    ]
    return ReceivedList(one.pk, MeterSource.S24, at, True, sha256(f"{one.pk} {at}".encode()).hexdigest(), rows)


def _by_us(received: ReceivedList) -> None:
    if store_list(received, received.listed_at).outcome != "taken":
        raise AssertionError("every list was to be taken")


def _by_loop(received: ReceivedList) -> None:
    with transaction.atomic():
        company = Concentrator.objects.get(pk=received.concentrator_id).company_id
        for row in received.rows:
            meter, _ = Meter.objects.update_or_create(
                company_id=company,
                name=row.name,
                defaults={"manufacturer": "CIR"},
                create_defaults={"manufacturer": "CIR", "created_at": received.listed_at},
            )
            told: dict[str, object] = {"state": row.state, "active": row.active, "last_seen": row.last_seen}
            told |= {"listed_at": received.listed_at, "company_id": company, "in_list": True}
            Sighting.objects.update_or_create(
                concentrator_id=received.concentrator_id,
                meter=meter,
                defaults=told,
                create_defaults=told | {"first_seen": received.listed_at, "chosen": True},
            )


def _check(company: Company, rounds: int) -> None:
    due = rounds * (LISTS + OF_THE_LOOP) * METERS
    if Sighting.objects.filter(company=company, in_list=True, chosen=True).count() != due:
        raise AssertionError(f"{due} meters were expected")
