"""Rules on a bit of the alarm push name the push, its word and the bit, as those on other pushes do (WIR-4)."""

import re

import django.core.validators
from django.db import migrations, models

PUSH = "push 0-4:25.9.0.255 word 1 bit "
LAST_BIT = 31


def name_the_word(apps, schema_editor):
    rename(apps, r"alarm (\d+)", PUSH)


def leave_out_the_word(apps, schema_editor):
    """What has no older text stays as it is: the older release finds no message that has it."""
    rename(apps, rf"{re.escape(PUSH)}(\d+)", "alarm ")


def rename(apps, form, begin):
    for name in ("KindRule", "HistoricalKindRule"):
        rows = apps.get_model("concentrators", name).objects
        for sign in rows.order_by().values_list("sign", flat=True).distinct():
            match = re.fullmatch(form, sign, re.ASCII)
            if match and int(match[1]) <= LAST_BIT:
                rows.filter(sign=sign).update(sign=begin + match[1])


class Migration(migrations.Migration):

    dependencies = [
        ('concentrators', '0007_hyphens_in_serials'),
    ]

    operations = [
        migrations.RunPython(name_the_word, leave_out_the_word),
        migrations.AlterField(
            model_name='historicalkindrule',
            name='sign',
            field=models.CharField(help_text="What says the kind: the logical name of a push or none, and with it an event code or a bit of an alarm word; or the class and OBIS code of an event's object.", max_length=64, validators=[django.core.validators.RegexValidator('\\A(?:push (?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)-(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d):(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\.(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\.(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\.(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d))(?: code (?:0|-?[1-9]\\d{0,19})| word (?:1[0-6]|[1-9]) bit (?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)))?|no push|code (?:0|-?[1-9]\\d{0,19})|word (?:1[0-6]|[1-9]) bit (?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d))|object (?:0|[1-9]\\d{0,4}) (?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)-(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d):(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\.(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\.(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\.(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)))\\Z', 'A sign is like “push 0-1:25.9.0.255 word 1 bit 2”, “push 0-1:25.9.0.255 code 12”, “push 0-1:25.9.0.255”, “word 2 bit 85”, “code 12”, “no push” or “object 1 0-0:96.1.0.255”.', flags=re.ASCII)], verbose_name='sign'),
        ),
        migrations.AlterField(
            model_name='kindrule',
            name='sign',
            field=models.CharField(help_text="What says the kind: the logical name of a push or none, and with it an event code or a bit of an alarm word; or the class and OBIS code of an event's object.", max_length=64, validators=[django.core.validators.RegexValidator('\\A(?:push (?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)-(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d):(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\.(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\.(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\.(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d))(?: code (?:0|-?[1-9]\\d{0,19})| word (?:1[0-6]|[1-9]) bit (?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)))?|no push|code (?:0|-?[1-9]\\d{0,19})|word (?:1[0-6]|[1-9]) bit (?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d))|object (?:0|[1-9]\\d{0,4}) (?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)-(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d):(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\.(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\.(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\.(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)))\\Z', 'A sign is like “push 0-1:25.9.0.255 word 1 bit 2”, “push 0-1:25.9.0.255 code 12”, “push 0-1:25.9.0.255”, “word 2 bit 85”, “code 12”, “no push” or “object 1 0-0:96.1.0.255”.', flags=re.ASCII)], verbose_name='sign'),
        ),
    ]
