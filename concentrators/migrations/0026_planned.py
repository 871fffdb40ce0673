"""What a calendar says of a work besides its rule: its zone, and times that are not or that are more (STA-8)."""

from django.db import migrations, models

FIELDS = {
    "zone": models.CharField(blank=True, db_default="", default="", max_length=64, verbose_name="time zone"),
    "left_out": models.TextField(blank=True, db_default="", default="", max_length=10000, verbose_name="but not"),
    "added": models.TextField(blank=True, db_default="", default="", max_length=10000, verbose_name="and also"),
}


class Migration(migrations.Migration):
    dependencies = [("concentrators", "0025_planned_work")]
    operations = [
        migrations.AddField(model_name=model, name=name, field=field)
        for model in ("historicalplannedwork", "plannedwork")
        for name, field in FIELDS.items()
    ] + [
        migrations.AlterField(
            model, "cancelled_at", models.DateTimeField(blank=True, null=True, verbose_name="cancelled at")
        )
        for model in ("historicalplannedwork", "plannedwork")
    ]
