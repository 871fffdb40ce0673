import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("wakeup", "0013_status_changes"), ("concentrators", "0018_canaries")]
    operations = [
        migrations.CreateModel(
            name="MinuteCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("minute", models.DateTimeField(verbose_name="minute")),
                ("wakeups", models.IntegerField(default=0, verbose_name="wake-ups")),
                ("others", models.IntegerField(default=0, verbose_name="other messages")),
                ("expected", models.FloatField(default=0.0, verbose_name="expected")),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="concentrators.company"
                    ),
                ),
            ],
            options={"verbose_name": "messages of a minute", "verbose_name_plural": "messages by the minute"},
        ),
        migrations.AddConstraint(
            model_name="minutecount",
            constraint=models.UniqueConstraint(fields=("minute", "company"), name="one_count_a_minute"),
        ),
    ]
