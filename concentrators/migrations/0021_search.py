"""Concentrators are found by any part of their texts, and by address, without reading all of them (REP-6, UI-4).

The texts have an index of trigrams on PostgreSQL, which is no part of any model: where the extension pg_trgm is missing,
or may not be created, the search works as before, only as slowly. Then this is run again once it is there; see
docs/operation.md. The expression is that of ``concentrators.finding.SearchText``.
"""

from django.db import DatabaseError, migrations, models, transaction

#: New entries wait in a list that autovacuum works off, or an installation file would wait for each of its rows.
PENDING_KB = 512 * 1024
CREATE = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    f"""
    CREATE INDEX IF NOT EXISTS concentrator_by_text ON concentrators_concentrator USING gin ((upper(
        serial_number || E'\\n' || manufacturer || E'\\n' || substation || E'\\n' || feeder || E'\\n' || region
    )) gin_trgm_ops) WITH (gin_pending_list_limit = {PENDING_KB})
    """,
    "ANALYZE concentrators_concentrator",
)


def create(apps, editor):
    if editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(editor.connection.alias), editor.connection.cursor() as cursor:
            for statement in CREATE:
                cursor.execute(statement)
    except DatabaseError as error:
        print(f"\n  Searching stays slow, see docs/operation.md: {error}".rstrip(), end="")  # noqa: T201 - to whoever runs the migration


def drop(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP INDEX IF EXISTS concentrator_by_text")


class Migration(migrations.Migration):
    dependencies = [("concentrators", "0020_fewer_indexes")]
    operations = [
        migrations.AddIndex(
            model_name="concentrator",
            index=models.Index(fields=["management_ip"], name="concentrator_by_address"),
        ),
        migrations.RunPython(create, drop),
    ]
