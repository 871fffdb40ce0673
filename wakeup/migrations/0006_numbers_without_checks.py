"""No checks on the numbers of messages and counters.

Their only writers are our own, which write no negative ones, and PostgreSQL parses the checks of a table anew with each
statement: they took up to a fifth of the time of a small batch. To drop them takes no time. SQLite, which would have to
write the tables anew for that, keeps them.
"""

from django.db import migrations, models

COLUMNS = {
    "wakeup_message": ("kind", "port", "format"),
    "wakeup_wakeuptotal": ("wakeup_count", "port"),
    "wakeup_dailycount": ("wakeup_count",),
}

# A table that became a partition has checks of its own, which outlive those of the whole.
TABLES_WITH = """
SELECT c.conrelid::regclass::text FROM pg_constraint c
WHERE c.contype = 'c' AND c.conname = %s AND c.coninhcount = 0
"""


def drop(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for check, _table, _column in checks():
        while tables := tables_with(schema_editor, check):
            for table in tables:
                schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {check}")


def add(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for check, table, column in checks():
        schema_editor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({column} >= 0)")


def checks():
    """By the names that PostgreSQL gave them: name, table, column."""
    return [(f"{table}_{column}_check", table, column) for table, columns in COLUMNS.items() for column in columns]


def tables_with(schema_editor, check):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TABLES_WITH, [check])
        return [table for (table,) in cursor.fetchall()]


class Migration(migrations.Migration):
    dependencies = [("wakeup", "0005_first_wakeup_of_day")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop, add)],
            state_operations=[
                migrations.AlterField(
                    model_name="message",
                    name="kind",
                    field=models.SmallIntegerField(
                        choices=[(1, "keepalive"), (2, "boot"), (3, "lastgasp"), (4, "other")], verbose_name="kind"
                    ),
                ),
                migrations.AlterField(
                    model_name="message",
                    name="port",
                    field=models.IntegerField(help_text="That of the listener.", verbose_name="port"),
                ),
                migrations.AlterField(
                    model_name="message",
                    name="format",
                    field=models.SmallIntegerField(
                        choices=[
                            (1, "DataNotification, push setup"),
                            (2, "DataNotification, concentrator"),
                            (3, "EventNotification"),
                            (4, "text telegram"),
                            (5, "import"),
                        ],
                        verbose_name="format",
                    ),
                ),
                migrations.AlterField(
                    model_name="wakeuptotal",
                    name="wakeup_count",
                    field=models.BigIntegerField(default=0, verbose_name="wake up count"),
                ),
                migrations.AlterField(
                    model_name="wakeuptotal",
                    name="port",
                    field=models.IntegerField(null=True, verbose_name="port"),
                ),
                migrations.AlterField(
                    model_name="dailycount",
                    name="wakeup_count",
                    field=models.IntegerField(default=0, verbose_name="daily msg count"),
                ),
            ],
        )
    ]
