"""The first wake-up of each day.

The days that are there get the time of their last one, all at once: 2 s per million of them on PostgreSQL, 4 s on
SQLite. To find the true ones among the messages would take minutes or hours, in which listeners could not wait, and
pages of the reports (``reports/snapshots.py``) need no more than a time before the upgrade. ``manage.py rebuildcounts``
makes them exact as far as messages are kept; until then ``rebuildcounts --dry-run`` finds these days wrong.

On PostgreSQL the table is written anew, with its indexes: an UPDATE takes eight times as long and leaves it nearly
twice as large.
"""

from django.db import migrations, models

REWRITE = """
ALTER TABLE wakeup_dailycount
    ALTER COLUMN first_wakeup_at TYPE timestamp with time zone USING last_wakeup_at,
    ALTER COLUMN first_wakeup_at SET NOT NULL,
    ALTER COLUMN first_wakeup_at SET DEFAULT now()
"""


def fill(apps, schema_editor):
    """Fill what is there; by default it is now, for listeners of the version before, which run until restarted."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REWRITE)
    else:
        schema_editor.execute("UPDATE wakeup_dailycount SET first_wakeup_at = last_wakeup_at")


class Migration(migrations.Migration):
    dependencies = [("wakeup", "0004_messages_by_time")]
    operations = [
        migrations.AddField(
            model_name="dailycount",
            name="first_wakeup_at",
            field=models.DateTimeField(null=True, verbose_name="first wake up"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="dailycount",
            name="first_wakeup_at",
            field=models.DateTimeField(verbose_name="first wake up"),
        ),
    ]
