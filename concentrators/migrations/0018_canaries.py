"""A concentrator may be a canary (STA-4).

The database knows the default: it takes no time, and processes of the version before go on writing.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("concentrators", "0017_watched_status")]
    operations = [
        *(
            migrations.AddField(
                model_name=model,
                name="is_canary",
                field=models.BooleanField(db_default=False, default=False, verbose_name="canary"),
            )
            for model in ("concentrator", "historicalconcentrator")
        ),
        migrations.AddIndex(
            model_name="watch",
            index=models.Index(
                fields=["status_at"], name="watch_unreachable", condition=models.Q(status="unreachable")
            ),
        ),
        migrations.AddIndex(
            model_name="concentrator",
            index=models.Index(
                fields=["carrier", "serial_number"],
                name="concentrator_canaries",
                condition=models.Q(is_canary=True),
            ),
        ),
    ]
