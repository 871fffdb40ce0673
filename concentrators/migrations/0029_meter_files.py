
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('concentrators', '0028_meter_conflicts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MeterFile',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=255)),
                ('whole', models.BooleanField(default=False)),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('content', models.BinaryField(default=b'')),
                ('counts', models.JSONField(default=dict)),
                ('facts', models.JSONField(default=dict)),
                ('digest', models.CharField(default='', max_length=64)),
                ('busy_at', models.DateTimeField(null=True)),
                ('written_at', models.DateTimeField(null=True)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='concentrators.company')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'file of meters',
                'verbose_name_plural': 'files of meters',
            },
        ),
        migrations.CreateModel(
            name='MeterFileRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.PositiveSmallIntegerField(choices=[(1, 'gone'), (2, 'retired'), (3, 'changed'), (4, 'back'), (5, 'new'), (6, 'faulty'), (7, 'unchanged')])),
                ('line', models.PositiveIntegerField()),
                ('concentrator', models.CharField(blank=True, default='', max_length=64)),
                ('meter', models.CharField(blank=True, default='', max_length=64)),
                ('says', models.JSONField(default=list)),
                ('faults', models.JSONField(default=list)),
                ('file', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='concentrators.meterfile')),
            ],
            options={
                'verbose_name': 'row of a file of meters',
                'verbose_name_plural': 'rows of files of meters',
            },
        ),
        migrations.AddIndex(
            model_name='meterfile',
            index=models.Index(fields=['uploaded_at'], name='meter_file_by_age'),
        ),
        migrations.AddIndex(
            model_name='meterfilerow',
            index=models.Index(fields=['file', 'kind', 'id'], name='meter_file_row_by_kind'),
        ),
    ]
