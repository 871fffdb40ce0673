"""Which concentrators' lists are taken, for whom (MET-2, ACC-1)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from concentrators.meters.importing.work import Work
from concentrators.meters.spreadsheets.sightings import Place
from concentrators.models import Company, Concentrator, MeterList, MeterSource
from smmeplus.common.chunks import in_chunks

AT_ONCE = 500


class Places:
    """Finds concentrators by their serial numbers, and notes which are passed over.

    One of a company that ``user`` does not see is as unknown to them as one that nobody has; only the latter is in
    ``strangers``, for the inbox of unknown senders. Without a user all are seen, without a company all are taken.
    """

    def __init__(self, work: Work, sha256: str) -> None:
        self.strangers: list[str] = []
        self._work = work
        self._sha256 = sha256

    def look_up(self, serials: Collection[str]) -> dict[str, Place]:
        found: dict[str, Place] = {}
        for some in in_chunks(sorted(serials), AT_ONCE):
            found |= self._look_up(some)
        return found

    def _look_up(self, serials: list[str]) -> dict[str, Place]:
        rows = Concentrator.objects.filter(serial_number__in=serials).order_by()
        columns = ("serial_number", "pk", "company_id", "company__name", "company__time_zone")
        known = {serial: values for serial, *values in rows.values_list(*columns)}
        dates = self._dates([key for key, *_others in known.values()])
        places = {}
        for serial in serials:
            if serial not in known:
                self._work.imported.unknown.append(serial)
                self.strangers.append(serial)
                continue
            key, company, name, zone = known[serial]
            if self._visible is not None and company not in self._visible:
                self._work.imported.unknown.append(serial)
            elif self._work.company is not None and company != self._work.company.pk:
                self._work.imported.passed_over[serial] = _("It belongs to %s.") % name
            else:
                places[serial] = Place(key, ZoneInfo(zone), dates.get(key, self._work.dated))
        return places

    def _dates(self, keys: list[int]) -> dict[int, datetime]:
        """Of a list that states no date, and that came before: the date it had then. So the same file is the same."""
        before = MeterList.objects.filter(concentrator__in=keys, source=MeterSource.CSV, sha256=self._sha256)
        return dict(before.order_by("listed_at").values_list("concentrator_id", "listed_at"))

    @cached_property
    def _visible(self) -> set[int] | None:
        """The companies of the user; None: all."""
        if self._work.user is None:
            return None
        return set(Company.objects.visible_to(self._work.user).values_list("pk", flat=True))
