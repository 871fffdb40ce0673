from django.db import migrations


def add_at_once(apps, schema_editor):
    """What holds where no procedure profile is chosen (PRC-1): one wave, at any hour, as before."""
    profiles = apps.get_model("profiles", "ProcedureProfile").objects
    if not profiles.filter(is_default=True).exists():
        profiles.create(name="At once", name_folded="at once", is_default=True)


class Migration(migrations.Migration):
    dependencies = [("profiles", "0005_procedure_profiles")]
    operations = [migrations.RunPython(add_at_once, migrations.RunPython.noop)]
