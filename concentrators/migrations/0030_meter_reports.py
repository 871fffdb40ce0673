"""What the reports on meters are read by: indexes of what is rare or sorted, and one of the trigrams of names (MET-8).

The last is no part of any model: where the extension pg_trgm is missing, or may not be created, meters are found as
before, only slowly. See migration 0021.
"""

from django.conf import settings
from django.db import DatabaseError, migrations, models, transaction

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
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='meter',
            index=models.Index(fields=['company', 'manufacturer'], name='meter_by_manufacturer'),
        ),
        migrations.AddIndex(
            model_name='meterconflict',
            index=models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['company', 'opened_at', 'meter'], name='meter_conflict_by_age'),
        ),
        migrations.AddIndex(
            model_name='repeater',
            index=models.Index(models.OrderBy(models.F('direct')), models.F('id'), name='repeater_by_direct_up'),
        ),
        migrations.AddIndex(
            model_name='repeater',
            index=models.Index(models.OrderBy(models.F('direct'), descending=True), models.F('id'), name='repeater_by_direct_down'),
        ),
        migrations.AddIndex(
            model_name='repeater',
            index=models.Index(models.OrderBy(models.F('behind')), models.F('id'), name='repeater_by_behind_up'),
        ),
        migrations.AddIndex(
            model_name='repeater',
            index=models.Index(models.OrderBy(models.F('behind'), descending=True), models.F('id'), name='repeater_by_behind_down'),
        ),
        migrations.AddIndex(
            model_name='sighting',
            index=models.Index(condition=models.Q(('chosen', True), ('state__lt', 2)), fields=['company', 'state', 'last_seen'], name='sighting_failed'),
        ),
        migrations.AddIndex(
            model_name='sighting',
            index=models.Index(condition=models.Q(('chosen', True), ('state__isnull', True)), fields=['company', 'last_seen'], name='sighting_unknown'),
        ),
        migrations.AddIndex(
            model_name='sighting',
            index=models.Index(condition=models.Q(('chosen', True), ('level__gte', 6)), fields=['company', 'level', 'last_seen'], name='sighting_far_away'),
        ),
        migrations.RunPython(create, drop),
    ]
