"""For how long unknown senders are kept (SEC-2); the database knows the default for processes of the version before."""

from django.core.validators import MinValueValidator
from django.db import migrations, models


def days():
    return models.PositiveIntegerField(
        blank=True,
        db_default=90,
        default=90,
        help_text="“manage.py prunemessages” deletes those that were silent for longer. Empty: never.",
        null=True,
        validators=[MinValueValidator(1)],
        verbose_name="unknown senders are kept for days",
    )


class Migration(migrations.Migration):
    dependencies = [("profiles", "0002_status_and_retention")]
    operations = [
        migrations.AddField(model_name=model, name="strays_kept_days", field=days())
        for model in ("historicalsystemsettings", "systemsettings")
    ]
