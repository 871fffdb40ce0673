"""From where messages of a concentrator are expected (SEC-1).

The database knows the default: it takes no time, and processes of the version before go on writing.
"""

from django.db import migrations, models


def networks():
    return models.CharField(
        blank=True,
        db_default="",
        default="",
        help_text="From where messages are expected, such as 10.60.0.0/16 10.61.7.8. Empty: from anywhere.",
        max_length=200,
        verbose_name="expected networks",
    )


class Migration(migrations.Migration):
    dependencies = [("concentrators", "0008_signs_with_alarm_words")]
    operations = [
        migrations.AddField(model_name=model, name="expected_networks", field=networks())
        for model in ("company", "concentrator", "historicalcompany", "historicalconcentrator")
    ]
