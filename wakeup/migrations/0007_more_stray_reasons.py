"""What a refused frame was, more exactly, and how many connections lie behind an address (LIS-6)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("wakeup", "0006_numbers_without_checks")]
    operations = [
        migrations.AddField(
            model_name="strayframe",
            name="connections",
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name="connections"),
        ),
        migrations.AlterField(
            model_name="strayframe",
            name="reason",
            field=models.CharField(
                choices=[
                    ("unknown", "unknown serial number"),
                    ("removed", "removed from the field"),
                    ("malformed", "malformed frame"),
                    ("ciphered", "ciphered, no key for it here"),
                    ("junk", "junk before a frame"),
                    ("nameless", "no valid device id"),
                    ("network", "refused: not from its network"),
                ],
                max_length=9,
                verbose_name="reason",
            ),
        ),
    ]
