"""Which status of each concentrator was recorded last (STA-3).

What is in field now gets its status at the first pass of `watchstatus`, without a change.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('concentrators', '0016_watches'),
    ]

    operations = [
        migrations.CreateModel(
            name='PastWatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('until', models.DateTimeField()),
                ('since', models.DateTimeField(null=True)),
                ('silent_from', models.DateTimeField(null=True)),
                ('period_min', models.PositiveSmallIntegerField(null=True)),
                ('lost_due_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'past watch',
                'verbose_name_plural': 'past watches',
            },
        ),
        migrations.AddField(
            model_name='watch',
            name='kept_gasp_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='watch',
            name='next_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='watch',
            name='seen_gasp_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='watch',
            name='seen_wakeup_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='watch',
            name='status',
            field=models.CharField(blank=True, db_default='', default='', max_length=14, verbose_name='status'),
        ),
        migrations.AddField(
            model_name='watch',
            name='status_at',
            field=models.DateTimeField(null=True, verbose_name='since'),
        ),
        migrations.AddIndex(
            model_name='watch',
            index=models.Index(fields=['next_at'], name='watch_by_next'),
        ),
        migrations.AddField(
            model_name='pastwatch',
            name='concentrator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='past_watches', to='concentrators.concentrator'),
        ),
        migrations.RunSQL("UPDATE concentrators_watch SET next_at = since WHERE since IS NOT NULL", migrations.RunSQL.noop),
    ]
