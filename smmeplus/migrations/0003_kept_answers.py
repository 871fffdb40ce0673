from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("smmeplus", "0002_request_counts")]

    operations = [
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("asked", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField()),
                ("body", models.TextField()),
                ("at", models.DateTimeField(db_index=True)),
            ],
            options={"default_permissions": ()},
        ),
    ]
