"""How the status of concentrators changed (STA-3)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('concentrators', '0017_watched_status'),
        ('wakeup', '0012_messages_from_elsewhere'),
    ]

    operations = [
        migrations.CreateModel(
            name='StatusChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='changed at')),
                ('from_status', models.CharField(blank=True, max_length=14, verbose_name='from')),
                ('to_status', models.CharField(blank=True, max_length=14, verbose_name='to')),
                ('reason', models.CharField(choices=[('silence', 'silence'), ('last gasp', 'last gasp'), ('message', 'message'), ('operator', 'operator')], max_length=9, verbose_name='reason')),
                ('verdict', models.CharField(max_length=20, null=True, verbose_name='verdict')),
            ],
            options={
                'verbose_name': 'change of status',
                'verbose_name_plural': 'changes of status',
            },
        ),
        migrations.CreateModel(
            name='WatchProgress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('until', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'progress of watching',
                'verbose_name_plural': 'progress of watching',
            },
        ),
        migrations.AddIndex(
            model_name='wakeuptotal',
            index=models.Index(condition=models.Q(('last_gasp_at__isnull', False)), fields=['last_gasp_at'], name='total_by_gasp'),
        ),
        migrations.AddField(
            model_name='statuschange',
            name='concentrator',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='status_changes', to='concentrators.concentrator', verbose_name='concentrator'),
        ),
        migrations.AddIndex(
            model_name='statuschange',
            index=models.Index(fields=['concentrator', 'at'], name='change_by_concentrator'),
        ),
        migrations.AddIndex(
            model_name='statuschange',
            index=models.Index(fields=['at'], name='change_by_time'),
        ),
    ]
