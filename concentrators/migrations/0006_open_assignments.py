"""What is in field has been so since its installation, as far as anybody wrote it down."""

from django.db import migrations


def open_assignments(apps, schema_editor):
    concentrator = apps.get_model("concentrators", "Concentrator")
    assignment = apps.get_model("concentrators", "Assignment")
    in_field = concentrator.objects.filter(state="in field").order_by("pk").select_related("profile")
    batch = []
    for one in in_field.iterator(chunk_size=5_000):
        period = one.profile.wakeup_period if one.profile.wakeup_enabled else None
        batch.append(assignment(concentrator=one, begin=one.installed_at, period_min=period))
        if len(batch) == 5_000:
            assignment.objects.bulk_create(batch)
            batch = []
    assignment.objects.bulk_create(batch)


class Migration(migrations.Migration):
    dependencies = [("concentrators", "0005_service_and_kinds")]
    operations = [migrations.RunPython(open_assignments, migrations.RunPython.noop)]
