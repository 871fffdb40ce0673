from django.db import migrations, models
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    dependencies = [("wakeup", "0016_incidents"), ("concentrators", "0026_meters")]
    operations = [
        migrations.AlterField(
            model_name="outage",
            name="customers",
            field=models.PositiveIntegerField(default=0, verbose_name="customers by the inventory"),
        ),
        migrations.AddField(
            model_name="outage",
            name="meters",
            field=models.PositiveIntegerField(null=True, verbose_name="meters"),
        ),
        migrations.AddField(
            model_name="outage",
            name="affected",
            field=models.GeneratedField(
                db_persist=True,
                expression=Coalesce("meters", "customers"),
                output_field=models.PositiveIntegerField(),
                verbose_name="customers",
            ),
        ),
    ]
