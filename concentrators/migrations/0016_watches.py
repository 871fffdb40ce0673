"""What the status follows from is stored (STA-2).

The fleet is taken over as it is: with the period that stands in each device as far as a configuration has been written,
else with the assigned one, from when that was so. It takes about four seconds for 400,000 concentrators.
"""

import django.db.models.deletion
from django.db import migrations, models

_INSERT = """
INSERT INTO concentrators_watch
    (concentrator_id, since, silent_from, period_min, is_written, outs_until, look_at, is_heard)
SELECT c.id, c.installed_at,
    {latest}(c.installed_at, coalesce(a."begin", c.installed_at), coalesce(w.written_at, c.installed_at)),
    CASE WHEN p.wakeup_enabled THEN p.wakeup_period END, w.written_at IS NOT NULL, o.until, c.installed_at, {false}
FROM concentrators_concentrator c
JOIN profiles_spontaneousprofile p ON p.id = c.profile_id
LEFT JOIN concentrators_assignment a ON a.concentrator_id = c.id AND a."end" IS NULL
LEFT JOIN concentrators_configuration w ON w.concentrator_id = c.id
LEFT JOIN (
    SELECT concentrator_id, max("end") AS until FROM concentrators_outofservice GROUP BY concentrator_id
) o ON o.concentrator_id = c.id
WHERE c.state = 'in field'
"""


def add_watches(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    words = {"latest": "max", "false": "0"} if is_sqlite else {"latest": "greatest", "false": "false"}
    schema_editor.execute(_INSERT.format(**words))


class Migration(migrations.Migration):

    dependencies = [
        ('concentrators', '0015_region_and_carrier'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicaloutofservice',
            name='set_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='set at'),
        ),
        migrations.AddField(
            model_name='outofservice',
            name='set_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='set at'),
        ),
        migrations.CreateModel(
            name='Watch',
            fields=[
                ('concentrator', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='watch', serialize=False, to='concentrators.concentrator', verbose_name='concentrator')),
                ('since', models.DateTimeField(null=True, verbose_name='since')),
                ('silent_from', models.DateTimeField(null=True, verbose_name='silent from')),
                ('period_min', models.PositiveSmallIntegerField(null=True, verbose_name='wakeup period min')),
                ('is_written', models.BooleanField(db_default=False, default=False)),
                ('lost_due_at', models.DateTimeField(null=True)),
                ('void_gasp_at', models.DateTimeField(null=True)),
                ('outs_until', models.DateTimeField(null=True)),
                ('look_at', models.DateTimeField(null=True)),
                ('is_heard', models.BooleanField(db_default=False, default=False)),
            ],
            options={
                'verbose_name': 'watch',
                'verbose_name_plural': 'watches',
                'indexes': [models.Index(fields=['look_at'], name='watch_by_look'), models.Index(condition=models.Q(('is_heard', False), ('since__isnull', False)), fields=['since'], name='watch_unheard'), models.Index(condition=models.Q(('outs_until__isnull', False)), fields=['outs_until'], name='watch_out'), models.Index(condition=models.Q(('period_min', None), ('since__isnull', False)), fields=['concentrator'], name='watch_disabled')],
            },
        ),
        migrations.RunPython(add_watches, migrations.RunPython.noop),
    ]
