"""Whether a concentrator is connected to at its management IP or where it was last heard from (CFG-3).

The database knows the default: it takes no time, and processes of the version before go on writing.
"""

from django.db import migrations, models


def management_address():
    return models.CharField(
        choices=[("fixed", "fixed"), ("as last heard", "as last heard")],
        db_default="fixed",
        default="fixed",
        help_text="Fixed: the management IP. As last heard: the address of the last wake-up, with the same port.",
        max_length=13,
        verbose_name="management address",
    )


FAILURES = [
    ("no address", "it has no management IP"),
    ("not heard", "its address is the one last heard, and no wake-up has come in yet"),
    ("outside", "its management address is in none of the networks that the writer may connect to"),
    ("no key", "its password cannot be decrypted with the keys in CONFIGURATION_KEYS"),
    ("unreachable", "it cannot be connected to"),
    ("silent", "it did not answer in time"),
    ("closed", "it closed the connection before it had answered"),
    ("refused", "it refused the association"),
    ("other device", "another device answers"),
    ("no identity", "it does not say who it is"),
    ("access", "it refused to read or to write a value"),
    ("value", "it cannot hold a value"),
    ("not kept", "it did not keep a value"),
    ("confused", "what it answered cannot be understood"),
]


class Migration(migrations.Migration):
    dependencies = [("concentrators", "0012_roll_outs")]
    operations = [
        *(
            migrations.AddField(model_name=model, name="management_address", field=management_address())
            for model in ("concentrator", "historicalconcentrator")
        ),
        migrations.AlterField(
            model_name="configuration",
            name="failure",
            field=models.CharField(
                blank=True, choices=FAILURES, default="", max_length=12, verbose_name="reason"
            ),
        ),
    ]
