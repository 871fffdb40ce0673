from django.db import migrations


def add_cerco1(apps, schema_editor):
    """The type that files name when they name none (CON-1)."""
    apps.get_model("concentrators", "ConcentratorType").objects.get_or_create(name="CERCO1")


class Migration(migrations.Migration):
    dependencies = [("concentrators", "0001_initial")]
    operations = [migrations.RunPython(add_cerco1, migrations.RunPython.noop)]
