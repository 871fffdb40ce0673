from django.db import migrations


def keep_updates_hot(apps, schema_editor):
    """Leave room on PostgreSQL's pages: a counter is then updated in place, without touching an index."""
    if schema_editor.connection.vendor == "postgresql":
        for table in ("wakeup_wakeuptotal", "wakeup_dailycount"):
            schema_editor.execute(f"ALTER TABLE {table} SET (fillfactor = 70)")


class Migration(migrations.Migration):
    dependencies = [("wakeup", "0001_initial")]
    operations = [migrations.RunPython(keep_updates_hot, migrations.RunPython.noop)]
