"""The rows of uploaded files, each with what it would do, instead of the files packed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def check_anew(apps, schema_editor):
    """Files that wait for their confirmation have no rows yet: they have to be uploaded again."""
    apps.get_model("concentrators", "InstallationFile").objects.filter(written_at=None).update(counts={})


class Migration(migrations.Migration):

    dependencies = [
        ('concentrators', '0018_canaries'),
        ('profiles', '0007_falls_percent'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(check_anew, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField(
            model_name='installationfile',
            name='content',
        ),
        migrations.RemoveField(
            model_name='installationfile',
            name='errors',
        ),
        migrations.AddField(
            model_name='installationfile',
            name='busy_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='installationfile',
            name='facts',
            field=models.JSONField(default=dict),
        ),
        migrations.AlterField(
            model_name='installationfile',
            name='user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='InstallationRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField()),
                ('serial_number', models.CharField(max_length=64)),
                ('kind', models.PositiveSmallIntegerField(choices=[(1, 'other profile'), (2, 'installed'), (3, 'changed'), (4, 'new'), (5, 'rejected'), (6, 'unchanged')])),
                ('columns', models.PositiveIntegerField(default=0)),
                ('before', models.JSONField(null=True)),
                ('errors', models.JSONField(null=True)),
                ('password', models.TextField(null=True)),
                ('manufacturer', models.CharField(max_length=100, null=True)),
                ('management_ip', models.GenericIPAddressField(null=True, protocol='IPv4')),
                ('management_port', models.PositiveIntegerField(null=True)),
                ('substation', models.CharField(max_length=100, null=True)),
                ('feeder', models.CharField(max_length=100, null=True)),
                ('customers', models.PositiveIntegerField(null=True)),
                ('expected_networks', models.CharField(max_length=200, null=True)),
                ('management_address', models.CharField(max_length=13, null=True)),
                ('region', models.CharField(max_length=100, null=True)),
                ('carrier', models.CharField(max_length=100, null=True)),
                ('is_canary', models.BooleanField(null=True)),
                ('file', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='concentrators.installationfile')),
                ('profile', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='profiles.spontaneousprofile')),
                ('type', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='concentrators.concentratortype')),
            ],
            options={
                'verbose_name': 'row of an installation file',
                'verbose_name_plural': 'rows of installation files',
                'indexes': [models.Index(fields=['file', 'kind', 'line'], name='installation_row_by_kind'), models.Index(fields=['file', 'serial_number'], name='installation_row_by_serial'), models.Index(condition=models.Q(('columns__gt', 0)), fields=['file', 'columns'], name='installation_row_changes')],
            },
        ),
    ]
