"""What is in field is to be written: nobody knows what stands in the devices."""

from django.db import migrations
from django.utils import timezone

_INSERT = """
INSERT INTO concentrators_configuration
    (concentrator_id, profile_id, generation, state, since, next_try_at, failure, detail, failures, tries, held_by)
SELECT id, profile_id, 1, 'pending', %s, %s, '', '', 0, 0, ''
FROM concentrators_concentrator WHERE state = 'in field'
"""


def add_pending(apps, schema_editor):
    now = timezone.now()
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_INSERT, [now, now])


class Migration(migrations.Migration):
    dependencies = [("concentrators", "0010_configuration")]
    operations = [migrations.RunPython(add_pending, migrations.RunPython.noop)]
