"""Tables, columns, indexes and constraints as the database has them.

Partitions of a day or a month are left out, since they depend on the day; the DEFAULT one stays.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.apps import apps
from django.db import connection

from tests.contract.found import own_apps

_TABLES = """
SELECT c.oid, c.relname, c.relkind::text || coalesce(' with ' || array_to_string(c.reloptions, ', '), '')
    || coalesce(' partitioned by ' || pg_get_partkeydef(c.oid), '')
    || coalesce(' partition ' || pg_get_expr(c.relpartbound, c.oid), '')
FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
    AND (NOT c.relispartition OR pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT')
"""
_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
    || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
    || CASE a.attidentity WHEN '' THEN '' ELSE ' identity ' || a.attidentity::text END
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped
"""
_INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i WHERE i.indrelid = %s
"""
# Which columns are NOT NULL is a constraint, too, from PostgreSQL 18 on.
_CONSTRAINTS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s AND contype <> 'n'
"""


def tables() -> dict[str, str]:
    """All that the product's own apps have in the database of this suite, each with its definition."""
    return _in_postgres() if connection.vendor == "postgresql" else _in_sqlite()


def rows_of(app_label: str, model: str, *columns: str) -> dict[str, str]:
    """The values of a table that migrations fill, joined by dots, as names."""
    own = [config.label for config in own_apps()]
    prefix = "" if columns[0] == "app_label" else "content_type__"
    found = apps.get_model(app_label, model).objects.filter(**{f"{prefix}app_label__in": own})
    return dict.fromkeys((".".join(map(str, values)) for values in found.values_list(*columns)), "")


def _is_own(table: str) -> bool:
    return table.startswith(tuple(f"{config.label}_" for config in own_apps()))


def _in_postgres() -> dict[str, str]:
    found: dict[str, str] = {}
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        for oid, table, kind in cursor.fetchall():
            if _is_own(table):
                found[table] = kind
                for what, query in (("column", _COLUMNS), ("index", _INDEXES), ("constraint", _CONSTRAINTS)):
                    if kind[0] != "S":
                        cursor.execute(query, [oid])
                        found |= {f"{table} {what} {name}": definition for name, definition in cursor.fetchall()}
    return found


def _in_sqlite() -> dict[str, str]:
    found: dict[str, str] = {}
    with connection.cursor() as cursor:
        for table in filter(_is_own, connection.introspection.table_names(cursor)):
            found[table] = "table"
            cursor.execute(f"PRAGMA table_xinfo({table})")
            for _number, column, kind, not_null, default, primary, _hidden in cursor.fetchall():
                words = [kind, *(["not null"] if not_null else []), *([f"default {default}"] if default else [])]
                found[f"{table} column {column}"] = " ".join([*words, *(["primary key"] if primary else [])])
            for name, facts in connection.introspection.get_constraints(cursor, table).items():
                # Those that nobody named are numbered as they come.
                columns, target = ", ".join(facts["columns"] or ()), facts["foreign_key"]
                shown = f"of {columns}" if name.startswith("__unnamed") or target else name
                found[f"{table} constraint {shown} ({_kind(facts)})"] = ".".join(target or [columns])
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s", [table])
            found |= {f"{table} index {name}": sql for name, sql in cursor.fetchall() if sql}
    return found


def _kind(facts: Mapping[str, object]) -> str:
    return " ".join(kind for kind in ("primary_key", "unique", "index", "check", "foreign_key") if facts[kind])
