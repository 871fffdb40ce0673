import django.db.models.expressions
from django.db import migrations, models

CAUSES = [
    ("ok", "all is well"),
    ("field", "field"),
    ("our side", "our side"),
    ("carrier", "carrier"),
    ("canary away", "canary away"),
    ("undecided", "undecided"),
]


class Migration(migrations.Migration):
    dependencies = [("wakeup", "0014_minutes")]
    operations = [
        migrations.CreateModel(
            name="VerdictSpan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("carrier", models.CharField(blank=True, default="", max_length=100, verbose_name="carrier")),
                ("cause", models.CharField(choices=CAUSES, max_length=11, verbose_name="cause")),
                ("carriers", models.JSONField(default=list)),
                ("evidence", models.JSONField(default=list)),
                ("against", models.JSONField(default=list)),
                ("began_at", models.DateTimeField(verbose_name="from")),
                ("judged_at", models.DateTimeField(verbose_name="judged at")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="to")),
            ],
            options={
                "verbose_name": "verdict",
                "verbose_name_plural": "verdicts",
                "ordering": ["began_at"],
                "indexes": [models.Index(fields=["carrier", "began_at"], name="verdict_by_time")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("carrier",),
                        name="one_open_verdict_a_carrier",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True),
                            ("ended_at__gte", django.db.models.expressions.F("began_at")),
                            _connector="OR",
                        ),
                        name="verdict_ends_after_it_begins",
                    ),
                ],
            },
        ),
    ]
