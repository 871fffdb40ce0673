"""What a search of meters is read by: an index of the trigrams of their names (MET-8).

It is no part of any model: where the extension pg_trgm is missing, or may not be created, meters are found as
before, only slowly. See migration 0021.
"""

from django.db import DatabaseError, migrations, transaction

#: New entries wait in a list that autovacuum works off, or a list of meters would wait for each of its rows.
PENDING_KB = 512 * 1024
CREATE = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    f"""
    CREATE INDEX IF NOT EXISTS meter_by_text ON concentrators_meter USING gin (name gin_trgm_ops)
    WITH (gin_pending_list_limit = {PENDING_KB})
    """,
)


def create(apps, editor):
    if editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(editor.connection.alias), editor.connection.cursor() as cursor:
            for statement in CREATE:
                cursor.execute(statement)
    except DatabaseError as error:
        print(f"\n  Searching meters stays slow, see docs/operation.md: {error}".rstrip(), end="")  # noqa: T201 - to whoever runs the migration


def drop(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP INDEX IF EXISTS meter_by_text")


class Migration(migrations.Migration):

    dependencies = [
        ('concentrators', '0026_meters'),
    ]

    operations = [
        migrations.RunPython(create, drop),
    ]
