"""What becomes of messages from elsewhere (SEC-1); the database knows the default for processes of the version before."""

from django.db import migrations, models


def policy():
    return models.CharField(
        choices=[("accepted", "accepted"), ("marked", "marked"), ("refused", "refused")],
        db_default="marked",
        default="marked",
        help_text=(
            "Those of a concentrator that do not come from its expected networks. Marked: stored and shown, but not "
            "counted. Refused: listed under unknown senders."
        ),
        max_length=8,
        verbose_name="messages from elsewhere",
    )


class Migration(migrations.Migration):
    dependencies = [("profiles", "0003_strays_kept_days")]
    operations = [
        migrations.AddField(model_name=model, name="from_elsewhere", field=policy())
        for model in ("historicalsystemsettings", "systemsettings")
    ]
