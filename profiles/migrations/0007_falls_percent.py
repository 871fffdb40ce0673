from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("profiles", "0006_at_once")]
    operations = [
        migrations.AddField(
            model_name=model,
            name="falls_percent",
            field=models.PositiveSmallIntegerField(
                db_default=20,
                default=20,
                help_text="When that many concentrators are unreachable, and three at least, the fleet falls (STA-4).",
                validators=[MinValueValidator(1), MaxValueValidator(100)],
                verbose_name="share of the fleet that makes an outage, percent",
            ),
        )
        for model in ("systemsettings", "historicalsystemsettings")
    ]
