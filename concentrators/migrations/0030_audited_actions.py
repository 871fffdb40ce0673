from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("concentrators", "0029_zones_of_their_own")]

    operations = [
        migrations.CreateModel(
            name="AuditedAction",
            fields=[
                ("audit_id", models.UUIDField(primary_key=True, serialize=False, verbose_name="audit id")),
                ("word", models.CharField(max_length=40)),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={"default_permissions": ()},
        ),
    ]
