"""The sightings of one concentrator, in memory: what a list is compared with, and what is written back (MET-3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import OuterRef, QuerySet, Subquery

from concentrators.meters.names import kind_of, manufacturer_of
from concentrators.meters.storing.prepared import FIRST, SECOND, Prepared
from concentrators.models.meters import Changed, Meter, Sighting
from smmeplus.common.chunks import by_texts, execute_with, in_keys, sent_rows

#: Columns of a sighting that a row may tell, under the same names.
TOLD: Final = ("state", "active", "level", "repeater", "lnid", "sid", "lsid", "phase", "rx_level", "snr")
OF_METER: Final = ("manufacturer", "type", "kind", "mac")
WRITTEN: Final = (
    *("first_seen", "last_seen", "state_since", "listed_at", "gone_at", "in_list", "chosen"),
    *TOLD,
    *("availability", "availability_7d", "changes"),
)
_CREATED: Final = ("company_id", "name", "manufacturer", "type", "kind", "mac", "supply_point", "created_at")


@dataclass(slots=True)
class Known:
    """A meter and its sighting, with columns of both; ``pk`` is None until the sighting is stored.

    ``elsewhere`` is something if the current list of another concentrator has the meter.
    """

    meter_id: int
    name: str
    manufacturer: str
    type: str
    kind: str
    mac: str
    in_master_since: datetime | None
    elsewhere: object
    pk: int | None
    first_seen: datetime
    last_seen: datetime | None
    state_since: datetime | None
    listed_at: datetime
    gone_at: datetime | None
    in_list: bool
    chosen: bool
    state: int | None = None
    active: bool | None = None
    level: int | None = None
    repeater: str = ""
    lnid: int | None = None
    sid: int | None = None
    lsid: int | None = None
    phase: str = ""
    rx_level: float | None = None
    snr: float | None = None
    availability: float | None = None
    availability_7d: float | None = None
    changes: int | None = None
    #: What is to be written, and why: each change as (what, old, new), a change without a row, a later contact alone,
    #: another place in the tree, and columns of the meter.
    happened: list[tuple[Changed, str, str]] = field(default_factory=list)
    is_changed: bool = False
    is_seen: bool = False
    is_moved: bool = False
    told_of_meter: set[str] = field(default_factory=set)

    @property
    def has_place(self) -> bool:
        return self.level is not None or self.sid is not None or self.lsid is not None or bool(self.repeater)

    @property
    def is_member_anew(self) -> bool:
        """Whether it has come, come back or gone."""
        return any(what in _MEMBERSHIP for what, _old, _new in self.happened)

    @property
    def is_touched(self) -> bool:
        return bool(self.happened or self.is_changed or self.told_of_meter)


_MEMBERSHIP: Final = {Changed.FIRST_SEEN, Changed.BACK, Changed.GONE}
_METER: Final = ("pk", "name", *OF_METER, "in_master_since")


def load(concentrator_id: int, *, locks: bool = True) -> dict[str, Known]:
    """By name: all that its lists have ever held.

    A meter of several lists is locked first: a decision may change where it is chosen without holding the company's.
    """
    found = _load(concentrator_id)
    shared = [one.meter_id for one in found.values() if one.elsewhere]
    if not shared or not locks:
        return found
    list(Meter.objects.filter(in_keys(shared)).select_for_update(no_key=True).order_by("pk").values_list("pk"))
    return _load(concentrator_id)


def _load(concentrator_id: int) -> dict[str, Known]:
    return {row[1]: Known(*row) for row in _HELD.rows(concentrator_id, concentrator_id)}


def _held() -> QuerySet[Sighting, tuple[Any, ...]]:
    others = Sighting.objects.filter(meter=OuterRef("meter"), in_list=True).exclude(concentrator=FIRST)
    rows = Sighting.objects.filter(concentrator=SECOND).order_by()
    # Not EXISTS: where tables are small yet, PostgreSQL would read all sightings for it.
    elsewhere = Subquery(others.values("pk")[:1])
    return rows.values_list(*[f"meter__{name}" for name in _METER], elsewhere, "pk", *WRITTEN)


_HELD: Final = Prepared(_held)


def newcomers(company_id: int, names: Iterable[str], at: datetime) -> dict[str, Known]:
    """By name: those that no list of the concentrator has held, as its list of ``at`` makes them.

    The key of a meter that is not there yet is 0.
    """
    wanted = sorted(names)
    if not wanted:
        return {}
    stored = {row[1]: row for row in _METERS.rows(company_id, wanted)}
    return {name: _newcomer(stored.get(name) or _unknown(name), at) for name in wanted}


def _meters() -> QuerySet[Meter, tuple[Any, ...]]:
    others = Sighting.objects.filter(meter=OuterRef("pk"), in_list=True)
    meters = Meter.objects.filter(company=FIRST, name__in=by_texts([str(SECOND)])).order_by()
    return meters.values_list(*_METER, Subquery(others.values("pk")[:1]))


_METERS: Final = Prepared(_meters)


def create_meters(company_id: int, newcomers: Iterable[Known], at: datetime) -> None:
    """Make the meters of those that have none, in the order of their names, and give them their keys.

    Another may make one by hand meanwhile; then it is that one.
    """
    without = {one.name: one for one in newcomers if not one.meter_id}
    if not without:
        return
    common = {"company_id": company_id, "type": "", "mac": "", "supply_point": "", "created_at": at}
    rows = [
        common | {"name": name, "manufacturer": one.manufacturer, "kind": one.kind}
        for name, one in sorted(without.items())
    ]
    columns = ", ".join(_CREATED)
    made = execute_with(
        f"INSERT INTO {Meter._meta.db_table} ({columns}) SELECT {columns} FROM {sent_rows(Meter, _CREATED)} "  # noqa: S608 - names
        "WHERE true ON CONFLICT (company_id, name) DO UPDATE SET name = excluded.name RETURNING id, name",
        rows,
    )
    for key, name in made:
        without[name].meter_id = key


def _unknown(name: str) -> tuple[Any, ...]:
    return 0, name, manufacturer_of(name), "", kind_of(name).value, "", None, None


def _newcomer(meter: tuple[Any, ...], at: datetime) -> Known:
    *_of_meter, elsewhere = meter
    first_seen, last_seen, state_since, listed_at, gone_at = at, None, None, at, None
    in_list, chosen = True, not elsewhere
    sighting = (None, first_seen, last_seen, state_since, listed_at, gone_at, in_list, chosen)
    values: tuple[Any, ...] = (*meter, *sighting)
    one = Known(*values)
    one.happened.append((Changed.FIRST_SEEN, "", ""))
    return one
