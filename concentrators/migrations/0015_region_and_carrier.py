"""Where a concentrator is and whose SIM it has (CON-1).

The database knows the default: it takes no time, and processes of the version before go on writing.
"""

from django.db import migrations, models


def text(name):
    return models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name=name)


class Migration(migrations.Migration):
    dependencies = [("concentrators", "0014_other_device")]
    operations = [
        migrations.AddField(model_name=model, name=name, field=text(name))
        for model in ("concentrator", "historicalconcentrator")
        for name in ("region", "carrier")
    ]
