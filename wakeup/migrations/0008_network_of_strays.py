"""The network around the last address of each stray sender, of which the rows that are there get theirs (SEC-2)."""

from ipaddress import ip_network

from django.db import migrations, models


def fill(apps, schema_editor):
    stray_frame = apps.get_model("wakeup", "StrayFrame")
    rows = list(stray_frame.objects.only("source_ip"))  # about 10,000 at most
    for row in rows:
        length = 48 if ":" in row.source_ip else 24
        row.network = str(ip_network(f"{row.source_ip}/{length}", strict=False))
    stray_frame.objects.bulk_update(rows, ["network"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("wakeup", "0007_more_stray_reasons")]
    operations = [
        migrations.AddField(
            model_name="strayframe",
            name="network",
            field=models.CharField(
                db_default="", help_text="Around the last IP address.", max_length=43, verbose_name="network"
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
