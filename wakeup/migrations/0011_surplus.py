"""Messages above the rate of their sender, by sender and minute (SEC-2)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("wakeup", "0010_what_a_listener_waits_for")]
    operations = [
        migrations.CreateModel(
            name="SurplusCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "sender",
                    models.CharField(help_text="Serial number or address.", max_length=39, verbose_name="sender"),
                ),
                ("minute", models.DateTimeField(verbose_name="minute")),
                ("count", models.BigIntegerField(verbose_name="count")),
            ],
            options={"verbose_name": "surplus messages", "verbose_name_plural": "surplus messages"},
        ),
        migrations.AddConstraint(
            model_name="surpluscount",
            constraint=models.UniqueConstraint(fields=("sender", "minute"), name="one_row_a_minute_of_surplus"),
        ),
    ]
