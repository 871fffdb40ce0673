"""Lists of serial numbers that are too long for an address (REP-6)."""

import uuid

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("concentrators", "0021_search")]
    operations = [
        migrations.CreateModel(
            name="PastedList",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("words", models.TextField()),
                ("pasted_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "pasted list",
                "verbose_name_plural": "pasted lists",
                "indexes": [models.Index(fields=["pasted_at"], name="pasted_list_by_age")],
            },
        )
    ]
