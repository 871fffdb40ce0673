"""Why ciphered messages are refused although there are keys for them, and plain ones of who has to cipher (SEC-3)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("wakeup", "0017_meters_of_outages"), ("concentrators", "0028_device_keys")]
    operations = [
        migrations.AlterField(
            model_name="strayframe",
            name="reason",
            field=models.CharField(
                choices=[
                    ("unknown", "unknown serial number"),
                    ("removed", "removed from the field"),
                    ("malformed", "malformed frame"),
                    ("ciphered", "ciphered, no key for it here"),
                    ("protected", "ciphered in a way that is not read"),
                    ("tag", "ciphered, does not fit its keys"),
                    ("replay", "ciphered, sent before"),
                    ("identity", "ciphered, names another device"),
                    ("plain", "not ciphered"),
                    ("junk", "junk before a frame"),
                    ("nameless", "no valid device id"),
                    ("network", "refused: not from its network"),
                ],
                max_length=9,
                verbose_name="reason",
            ),
        ),
    ]
