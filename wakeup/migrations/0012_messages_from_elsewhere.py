"""Whether a message came from elsewhere than expected (SEC-1).

Both databases only note the default, however many messages there are. Django would write SQLite's table anew.
"""

from django.db import migrations, models

TABLE = "wakeup_message"


class Migration(migrations.Migration):
    dependencies = [("wakeup", "0011_surplus")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"ALTER TABLE {TABLE} ADD COLUMN elsewhere bool DEFAULT false NOT NULL",
                    f"ALTER TABLE {TABLE} DROP COLUMN elsewhere",
                )
            ],
            state_operations=[
                migrations.AddField(
                    model_name="message",
                    name="elsewhere",
                    field=models.BooleanField(db_default=False, default=False, verbose_name="from elsewhere"),
                ),
            ],
        )
    ]
