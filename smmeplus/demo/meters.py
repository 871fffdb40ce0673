"""The meters of the demo's fleet: lists of its past, imported as any others are (MET-2, OPS-1).

A list of two weeks ago and one of the last day make what is in two lists a conflict of its kind; three are decided. So
that the start is quick, half the fleet has the older one, and what most concentrators say beside their lists is not
imported before: it comes into the watched folder with the master file, as does all that follows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from django.contrib.auth.models import User

from concentrators.meters.conflicts.deciding import allow_until, keep_at, not_a_conflict
from concentrators.meters.importing import import_content
from concentrators.models import Company, Concentrator, ConflictKind, MeterConflict
from concentrators.simulator.meters.files import File, Schedule, write
from concentrators.simulator.meters.inventory import places
from concentrators.simulator.meters.life import DAY, HOUR
from concentrators.simulator.meters.listing import SEED, MeterFleet
from concentrators.simulator.meters.master import master_of
from concentrators.simulator.meters.sharing import Sharing
from smmeplus.demo.scenario import serials
from smmeplus.demo.story import Outage, Story

MASTER: Final = "master.csv"
_OPERATOR: Final = "demo-operator"  # who cannot sign in
_LISTS: Final = frozenset({"S24"})
_BESIDE: Final = frozenset({"S06", "S11", "G02"})
_FIRST: Final = (15, 14)  # days ago, from and to
_LAST: Final = (1, 0)
_ALLOWED: Final = timedelta(days=60)


class MeterPast:
    """What the fleet's concentrators hand over in ``story``, which ends at ``now``."""

    def __init__(self, company: Company, story: Story, now: datetime) -> None:
        self._company = company
        self._now = now
        self._dark = _dark_of(company, story)
        silent = {serials()[index]: now - timedelta(hours=hours) for index, hours in story.silent}
        self._fleet = MeterFleet(places(company.pk, silent), SEED)
        self._schedule = Schedule(self._fleet, company.zone, DAY, self._is_reached)

    def load(self) -> None:
        """Import the lists, and of each third concentrator what it says beside them."""
        for file in self._files(_FIRST, _LISTS):
            if file.serial in _early():
                self._import(file)
        for file in self._files(_LAST, _LISTS | _BESIDE):
            if file.kind in _LISTS or file.serial in _explained():
                self._import(file)
        self._decide()

    def leave(self, folder: Path) -> None:
        """Put into ``folder`` what :meth:`load` has not imported."""
        folder.mkdir(parents=True, exist_ok=True)
        for file in self._files(_LAST, _BESIDE):
            if file.serial not in _explained():
                write(file, folder)
        write(File(self._now.timestamp(), "", "", MASTER, master_of(self._fleet.nets)), folder)

    def _files(self, days: tuple[int, int], kinds: Collection[str]) -> Iterator[File]:
        begin, end = (self._now.timestamp() - number * DAY for number in days)
        return (file for file in self._schedule.between(begin, end) if file.kind in kinds)

    def _import(self, file: File) -> None:
        at = datetime.fromtimestamp(file.at, UTC)
        import_content(file.content, file.name, company=self._company, user=None, now=at)

    def _decide(self) -> None:
        """The name that is used twice is no conflict, one is known crosstalk, and one has moved for good."""
        user = User.objects.create_user(_OPERATOR)
        self._company.users.add(user)
        twice = [one.meter.name for one in self._fleet.shared if one.how is Sharing.TWICE]
        conflicts = MeterConflict.objects.open().filter(company=self._company).order_by("meter__name")
        for one in conflicts.filter(meter__name__in=twice)[:1]:
            not_a_conflict(one, user=user, now=self._now, note="Two meters have this number")
        for one in conflicts.filter(kind=ConflictKind.LIVE).exclude(meter__name__in=twice)[:1]:
            allow_until(one, self._now + _ALLOWED, user=user, now=self._now, note="Feeders side by side")
        for one in conflicts.filter(kind=ConflictKind.MOVED, preferred__isnull=False)[:1]:
            kept = Concentrator.objects.get(pk__in=[one.preferred_id])
            keep_at(one, kept, user=user, now=self._now, note="To be removed from the other one")

    def _is_reached(self, serial: str, at: float) -> bool:
        hours = (self._now.timestamp() - at) / HOUR
        return not any(begin >= hours > end for begin, end in self._dark.get(serial, ()))


def _early() -> frozenset[str]:
    """With them those that have fallen silent since."""
    return frozenset(serials()[1::2])


def _explained() -> frozenset[str]:
    return frozenset(serials()[::3])


def _dark_of(company: Company, story: Story) -> dict[str, list[Outage]]:
    """When each cannot hand over anything; the one where another device answers never can."""
    found: dict[str, list[Outage]] = {
        serials()[story.out_of_service]: [story.out],
        serials()[story.newcomer]: [Outage(float("inf"), float("-inf"))],
    }
    in_company = Concentrator.objects.filter(company=company)
    for serial, *where in in_company.values_list("serial_number", "substation", "feeder"):
        hit = [outage for names, outage in story.supply if set(names).intersection(where)]
        found[serial] = [*found.get(serial, []), *hit]
    return found
