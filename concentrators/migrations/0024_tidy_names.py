"""Names of places and things are stored as forms and files store them from now on (CON-5, PRO-3).

Otherwise an export that is uploaded unchanged would change what has two blanks in a row. The history keeps what it has.
"""

import unicodedata

from django.db import migrations

NAMES = ("manufacturer", "substation", "feeder", "region", "carrier")


def tidy_names(apps, schema_editor):
    # All values of a column are few: substations and feeders repeat.
    rows = apps.get_model("concentrators", "Concentrator").objects.order_by()
    for name in NAMES:
        for text in rows.values_list(name, flat=True).distinct():
            if text != tidied(text):
                rows.filter(**{name: text}).update(**{name: tidied(text)})


def tidied(text):
    seen = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return " ".join(unicodedata.normalize("NFC", seen).split())


class Migration(migrations.Migration):

    dependencies = [
        ("concentrators", "0022_pasted_lists"),
    ]

    operations = [
        migrations.RunPython(tidy_names, migrations.RunPython.noop),
    ]
