"""Indexes that nothing looks into, and that made each upload of the whole fleet slower."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('concentrators', '0019_installation_rows'),
        ('profiles', '0007_falls_percent'),
    ]

    operations = [
        migrations.AlterField(
            model_name='concentrator',
            name='company',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='concentrators', to='concentrators.company', verbose_name='company'),
        ),
        migrations.AlterField(
            model_name='historicalconcentrator',
            name='company',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='concentrators.company', verbose_name='company'),
        ),
        migrations.AlterField(
            model_name='historicalconcentrator',
            name='profile',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='profiles.spontaneousprofile', verbose_name='spontaneous profile'),
        ),
        migrations.AlterField(
            model_name='historicalconcentrator',
            name='serial_number',
            field=models.CharField(max_length=32, validators=[django.core.validators.RegexValidator('\\A[0-9A-Z](?:[0-9A-Z-]{0,30}[0-9A-Z])?\\Z', 'A serial number is 1 to 32 letters from A to Z, digits and inner hyphens.')], verbose_name='serial number'),
        ),
        migrations.AlterField(
            model_name='historicalconcentrator',
            name='type',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='concentrators.concentratortype', verbose_name='type'),
        ),
    ]
