"""Who answered at the address of a concentrator, if that was another device (CFG-3)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("concentrators", "0013_management_address")]
    operations = [
        migrations.AddField(
            model_name="configuration",
            name="other_serial",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=32, verbose_name="other device"
            ),
        ),
        migrations.AddField(
            model_name="configuration",
            name="other_at",
            field=models.DateTimeField(null=True, verbose_name="other device answered at"),
        ),
        migrations.AddIndex(
            model_name="configuration",
            index=models.Index(
                condition=models.Q(("other_serial", ""), _negated=True),
                fields=["other_serial"],
                name="configuration_by_other",
            ),
        ),
    ]
