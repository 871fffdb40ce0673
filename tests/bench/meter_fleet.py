"""Any number of meters, their sightings, conflicts and numbers, written by the database itself (MET-8)."""

from __future__ import annotations

from django.db import connection, transaction

from tests.support.fleet import make_fleet

OF_A_LIST = 80  # rows
AT_ONCE = 2_000_000
#: Built after the rows, which is several times as fast; names as in the migrations.
_LATE = ("meter_by_text",)
_LISTED = """
    CREATE TEMP TABLE listed AS
    SELECT row_number() OVER (ORDER BY id) - 1 AS n, id, company_id FROM concentrators_concentrator
    WHERE state = 'in field' ORDER BY id LIMIT %(lists)s;
    CREATE UNIQUE INDEX ON listed (n); ANALYZE listed
"""
_METERS = """
    INSERT INTO concentrators_meter (id, company_id, name, manufacturer, type, kind, mac, supply_point, created_at,
        in_master_since)
    SELECT g, l.company_id, maker || lpad((g * 2654435761 %% 10000000000)::text, 10, '0'), maker,
        'Type ' || hashint8(g) %% 4,
        CASE WHEN g %% %(rows)s = 0 THEN 'supervisor' ELSE 'customer' END, lpad(upper(to_hex(g)), 12, '0'), '', now(),
        CASE WHEN g %% 1000 <> 7 THEN now() END
    FROM generate_series(%(first)s::bigint, %(last)s) AS g
    JOIN listed AS l ON l.n = g / %(rows)s,
    LATERAL (SELECT (ARRAY['CIR', 'CIR', 'CIR', 'ZIV', 'ZIV', 'SAG', 'LGZ', 'ITE', 'ORB'])[1 + abs(hashint8(g)) %% 9]
        AS maker) AS made
"""
_SIGHTINGS = """
    INSERT INTO concentrators_sighting (id, company_id, concentrator_id, meter_id, first_seen, last_seen, state, active,
        listed_at, in_list, chosen, level, repeater, phase, availability, changes)
    SELECT g, l.company_id, l.id, g, now() - interval '1 day' * (100 + h %% 900),
        now() - interval '1 second' * CASE WHEN h %% 100 < 97 THEN h %% 90000 ELSE h %% 9000000 END,
        CASE WHEN h %% 1000 < 960 THEN 2 WHEN h %% 1000 < 985 THEN 1 WHEN h %% 1000 < 999 THEN 0 END,
        h %% 1000 < 985, now(), true, true, CASE WHEN h %% 100000 < 3 THEN 14 ELSE h %% 7 END, '', '',
        100 - h %% 13, h %% 5
    FROM generate_series(%(first)s::bigint, %(last)s) AS g
    JOIN listed AS l ON l.n = g / %(rows)s, LATERAL (SELECT abs(hashint8extended(g, 1) %% 1000000007) AS h) AS hashed
"""
#: One meter in a hundred is in the list of the next concentrator, too.
_AGAIN = """
    INSERT INTO concentrators_sighting (company_id, concentrator_id, meter_id, first_seen, last_seen, state, listed_at,
        in_list, chosen, repeater, phase)
    SELECT s.company_id, l.id, s.meter_id, s.first_seen, s.last_seen, 1, s.listed_at, true, false, '', ''
    FROM concentrators_sighting AS s JOIN listed AS l ON l.n = (s.meter_id / %(rows)s + 1) %% %(lists)s
    WHERE s.meter_id %% 100 = 3;
    INSERT INTO concentrators_meterconflict (company_id, meter_id, kind, lists, opened_at, reason, decision, decided_of,
        note, reopened)
    SELECT company_id, meter_id, 1 + meter_id %% 10000 / 3334, 2, now() - interval '1 second' * (meter_id %% 1000000),
        '', '', '[]', '', ''
    FROM concentrators_sighting WHERE NOT chosen
"""
_NUMBERS = """
    INSERT INTO concentrators_repeater (concentrator_id, sighting_id, direct, behind, deepest)
    SELECT concentrator_id, id, 1 + id %% 9, 1 + abs(hashint8(id)) %% 40, 1 + id %% 7
    FROM concentrators_sighting WHERE chosen AND id %% 13 = 0;
    INSERT INTO concentrators_concentratormeters (concentrator_id, listed_at, meters, active, temporary, permanent,
        supervisors, chosen, repeaters, deepest, orphans, looped, availability, in_conflict)
    SELECT s.concentrator_id, now() - interval '1 second' * (s.concentrator_id %% 86400),
        count(*) FILTER (WHERE m.kind = 'customer'), count(*) FILTER (WHERE m.kind = 'customer' AND state = 2),
        count(*) FILTER (WHERE m.kind = 'customer' AND state = 1),
        count(*) FILTER (WHERE m.kind = 'customer' AND state = 0), count(*) FILTER (WHERE m.kind = 'supervisor'),
        count(*) FILTER (WHERE m.kind = 'customer' AND s.chosen), count(*) / 13, 7, 0, 0,
        avg(s.availability), count(*) FILTER (WHERE s.meter_id %% 100 = 3)
    FROM concentrators_sighting AS s JOIN concentrators_meter AS m ON m.id = s.meter_id GROUP BY s.concentrator_id;
    INSERT INTO concentrators_metertally (company_id, manufacturer, type, kind, state, meters)
    SELECT s.company_id, m.manufacturer, m.type, m.kind, coalesce(s.state, -1), count(*)
    FROM concentrators_sighting AS s JOIN concentrators_meter AS m ON m.id = s.meter_id WHERE s.chosen
    GROUP BY 1, 2, 3, 4, 5
"""
_SEQUENCES = """
    SELECT setval(pg_get_serial_sequence('concentrators_meter', 'id'), (SELECT max(id) FROM concentrators_meter));
    SELECT setval(pg_get_serial_sequence('concentrators_sighting', 'id'), (SELECT max(id) FROM concentrators_sighting))
"""


def make_meters(meters: int) -> None:
    """So many, in lists of OF_A_LIST; of five concentrators in field one has none."""
    lists = -(-meters // OF_A_LIST)
    make_fleet(lists * 4 // 3 * 5 // 4 + 2, 0)
    values = {"rows": OF_A_LIST, "lists": lists}
    with connection.cursor() as cursor:
        late = _taken_down(cursor)
        cursor.execute(_LISTED, values)
        for first in range(0, meters, AT_ONCE):
            of_part = values | {"first": first + 1, "last": min(first + AT_ONCE, meters - 1)}
            with transaction.atomic():
                cursor.execute(_METERS, of_part)
                cursor.execute(_SIGHTINGS, of_part)
        cursor.execute(_SEQUENCES)
        for statement in (_AGAIN, _NUMBERS):
            cursor.execute(statement, values)
        for statement in late:
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE")


def _taken_down(cursor: object) -> list[str]:
    """Drop the indexes of _LATE that there are. How each is made again."""
    found = []
    for name in _LATE:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name])  # type: ignore[attr-defined]
        for (definition,) in cursor.fetchall():  # type: ignore[attr-defined]
            found.append(definition)
            cursor.execute(f"DROP INDEX {name}")  # type: ignore[attr-defined]
    return found
