"""Why a configuration could not be written has words for keys that do not fit, and for what is not proven (SEC-3)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("concentrators", "0028_device_keys"),
    ]

    operations = [
        migrations.AlterField(
            model_name="configuration",
            name="failure",
            field=models.CharField(
                blank=True,
                choices=[
                    ("no address", "it has no management IP"),
                    ("not heard", "its address is the one last heard, and no wake-up has come in yet"),
                    ("outside", "its management address is in none of the networks that the writer may connect to"),
                    ("no key", "its password cannot be decrypted with the keys in CONFIGURATION_KEYS"),
                    ("keys locked", "its keys cannot be decrypted with the keys in CONFIGURATION_KEYS"),
                    ("key used up", "no counter of its keys is left: it needs new ones"),
                    ("unreachable", "it cannot be connected to"),
                    ("silent", "it did not answer in time"),
                    ("closed", "it closed the connection before it had answered"),
                    ("refused", "it refused the association"),
                    ("wrong keys", "its keys do not fit: what it answered cannot be deciphered with them"),
                    ("not proven", "it did not prove that it knows its keys"),
                    ("in clear", "it answered in clear, though it has keys"),
                    ("other device", "another device answers"),
                    ("no identity", "it does not say who it is"),
                    ("access", "it refused to read or to write a value"),
                    ("value", "it cannot hold a value"),
                    ("not kept", "it did not keep a value"),
                    ("confused", "what it answered cannot be understood"),
                ],
                default="",
                max_length=12,
                verbose_name="reason",
            ),
        ),
    ]
