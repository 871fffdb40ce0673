from django.db import migrations, models


def without_log(_apps, editor):
    """No request waits for the disk or for a standby, and after a crash all limits begin anew."""
    if editor.connection.vendor == "postgresql":
        editor.execute("ALTER TABLE smmeplus_requestcount SET UNLOGGED")


class Migration(migrations.Migration):
    dependencies = [("smmeplus", "0001_people")]

    operations = [
        migrations.CreateModel(
            name="RequestCount",
            fields=[
                ("of", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("since", models.FloatField(db_index=True)),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunPython(without_log, migrations.RunPython.noop),
    ]
