"""The tree of a concentrator, stored: parents of sightings, and a row for each repeater (MET-6)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import connection, transaction

from concentrators.meters.topology.rules import Behind, Forest, Node
from concentrators.models import Concentrator, MeterKind, Repeater, Sighting

_TABLE = Sighting._meta.db_table
_SENT = {
    "postgresql": "json_to_recordset(%s) AS sent (id bigint, parent bigint)",
    "sqlite": "(SELECT json_extract(value, '$.id') AS id, json_extract(value, '$.parent') AS parent"
    " FROM json_each(%s)) AS sent",
}


@dataclass(frozen=True, slots=True)
class Tree:
    """Numbers for :class:`ConcentratorMeters`; supervisors are nodes of the tree and counted nowhere in it.

    ``orphans`` are those whose own parent is unknown, among them the ``looped`` ones. ``deepest`` is the highest level
    of those with a known way, None if no level is known.
    """

    repeaters: int = 0
    deepest: int | None = None
    orphans: int = 0
    looped: int = 0


def settle(concentrator_id: int) -> Tree:
    """Find the parents of all that its current list holds, and store what has changed.

    The caller holds off whoever else might store a list of this concentrator. Three queries if nothing has changed.
    """
    with transaction.atomic():
        forest, customers, stored = _load(concentrator_id)
        _store_parents({key: forest.parents.get(key) for key in stored if stored[key] != forest.parents.get(key)})
        behind, orphans = forest.behind(customers), forest.orphans(customers)
        rows: dict[int | None, Behind] = dict(behind.items())
        if orphans.all:
            rows[None] = orphans
        _store_repeaters(concentrator_id, rows)
    looped = sum(key in customers for key in forest.looped)
    return Tree(len(behind), forest.deepest(customers), orphans.direct, looped)


def _load(concentrator_id: int) -> tuple[Forest, Collection[int], Mapping[int, int | None]]:
    """The forest of the current list, the keys of customers' meters in it, and the parents as stored.

    Meters that have left the list stand among the stored ones while they still have a parent.
    """
    serial = Concentrator.objects.values_list("serial_number", flat=True).get(pk=concentrator_id)
    nodes, customers, stored = list[Node](), set[int](), dict[int, int | None]()
    columns = ("pk", "meter__name", "meter__mac", "level", "sid", "lsid", "repeater")
    found = Sighting.objects.filter(concentrator=concentrator_id).order_by("pk")
    for *node, kind, parent, in_list in found.values_list(*columns, "meter__kind", "parent_id", "in_list"):
        key = node[0]
        if in_list:
            nodes.append(Node(*node))
            stored[key] = parent
        elif parent is not None:
            stored[key] = parent
        if in_list and kind == MeterKind.CUSTOMER:
            customers.add(key)
    return Forest(nodes, [serial]), customers, stored


def _store_parents(parents: Mapping[int, int | None]) -> None:
    if not parents:
        return
    rows = [{"id": key, "parent": parent} for key, parent in parents.items()]
    statement = (
        f"UPDATE {_TABLE} SET parent_id = sent.parent FROM {_SENT[connection.vendor]} "  # noqa: S608 - names of columns
        f"WHERE {_TABLE}.id = sent.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(rows)])


def _store_repeaters(concentrator_id: int, wanted: Mapping[int | None, Behind]) -> None:
    """The row of the key None is that of the orphans."""
    rows = Repeater.objects.filter(concentrator=concentrator_id)
    columns = rows.values_list("sighting", "direct", "behind", "deepest")
    stored = {key: Behind(direct, behind, deepest) for key, direct, behind, deepest in columns}
    if stored == wanted:
        return
    rows.delete()
    Repeater.objects.bulk_create(
        Repeater(
            concentrator_id=concentrator_id, sighting_id=key, direct=one.direct, behind=one.all, deepest=one.deepest
        )
        for key, one in wanted.items()
    )
