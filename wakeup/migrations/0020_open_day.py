"""A day is counted in its concentrator's total, and has a row of its own when the next one begins (PER-3).

On PostgreSQL alone. A trigger writes the row; it runs once a day for each concentrator, for messages that come late, and
for what listeners of the version before count in the rows of days, which it brings in. Days that are there stay as they are. All readers take both kinds from the view ``wakeup_day``.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

COLUMNS = "concentrator_id, day, wakeup_count, first_wakeup_at, last_wakeup_at, source_ip"
CLOSED = f"CREATE VIEW wakeup_day AS SELECT {COLUMNS} FROM wakeup_dailycount"  # noqa: S608 - our own words
# Without conditions, or PostgreSQL could not look concentrators up in it.
OPEN = "SELECT concentrator_id, day, day_count, day_first_at, last_wakeup_at, source_ip FROM wakeup_wakeuptotal"

# It acts as the owner of the tables, so that listeners need not be allowed to delete a day.
FUNCTION = """
CREATE FUNCTION wakeup_turn_day() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp
AS $$
DECLARE
    closed record := OLD;
    counted record;
BEGIN
    IF NEW.last_wakeup_at < OLD.last_wakeup_at THEN
        -- Late: what has come is no part of the open day, which stays as it is.
        closed := NEW;
        NEW.day := OLD.day;
        NEW.day_count := OLD.day_count;
        NEW.day_first_at := OLD.day_first_at;
        NEW.last_wakeup_at := OLD.last_wakeup_at;
        NEW.source_ip := OLD.source_ip;
        NEW.port := OLD.port;
    ELSE
        IF NEW.day IS NOT DISTINCT FROM OLD.day THEN
            -- A listener of the version before has counted in the rows of days.
            SELECT coalesce(max(day), OLD.day) INTO NEW.day FROM wakeup_dailycount
            WHERE concentrator_id = OLD.concentrator_id AND day >= OLD.day;
            IF NEW.day = OLD.day THEN
                closed.day := NULL;
            ELSE
                NEW.day_count := 0;
                NEW.day_first_at := NULL;
            END IF;
        END IF;
        -- A row of the day that is open now comes from such a listener, or from a rebuild. If one is being written, its
        -- listener waits for this total, and brings it in as above.
        DELETE FROM wakeup_dailycount WHERE (concentrator_id, day) IN (
            SELECT concentrator_id, day FROM wakeup_dailycount
            WHERE concentrator_id = NEW.concentrator_id AND day = NEW.day FOR UPDATE SKIP LOCKED
        ) RETURNING * INTO counted;
        IF FOUND THEN
            NEW.day_count := NEW.day_count + counted.wakeup_count;
            NEW.day_first_at := least(NEW.day_first_at, counted.first_wakeup_at);
        END IF;
    END IF;
    IF closed.day IS NOT NULL THEN
        INSERT INTO wakeup_dailycount AS daily
            (concentrator_id, day, wakeup_count, first_wakeup_at, last_wakeup_at, source_ip)
        VALUES (closed.concentrator_id, closed.day, closed.day_count,
            closed.day_first_at, closed.last_wakeup_at, closed.source_ip)
        ON CONFLICT (concentrator_id, day) DO UPDATE SET
            wakeup_count = daily.wakeup_count + excluded.wakeup_count,
            first_wakeup_at = least(daily.first_wakeup_at, excluded.first_wakeup_at),
            last_wakeup_at = greatest(daily.last_wakeup_at, excluded.last_wakeup_at),
            source_ip = CASE WHEN excluded.last_wakeup_at >= daily.last_wakeup_at
                THEN excluded.source_ip ELSE daily.source_ip END;
    END IF;
    RETURN NEW;
END
$$
"""
TRIGGER = """
CREATE TRIGGER wakeup_turn_day BEFORE UPDATE ON wakeup_wakeuptotal FOR EACH ROW
WHEN (
    OLD.day IS DISTINCT FROM NEW.day
    OR OLD.day IS NOT NULL AND NEW.wakeup_count - OLD.wakeup_count <> NEW.day_count - OLD.day_count
)
EXECUTE FUNCTION wakeup_turn_day()
"""
CLOSE = """
UPDATE wakeup_wakeuptotal SET day = NULL, day_count = 0, day_first_at = NULL WHERE day IS NOT NULL
"""


def create(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        schema_editor.execute(CLOSED)
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        (schema,) = cursor.fetchone()
        cursor.execute(FUNCTION.format(schema=schema))
        cursor.execute("REVOKE EXECUTE ON FUNCTION wakeup_turn_day() FROM PUBLIC")
        cursor.execute(TRIGGER)
        cursor.execute(f"{CLOSED} UNION ALL {OPEN}")


def remove(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute("DROP VIEW wakeup_day")
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(CLOSE)
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or no column could be dropped
        schema_editor.execute("DROP TRIGGER wakeup_turn_day ON wakeup_wakeuptotal")
        schema_editor.execute("DROP FUNCTION wakeup_turn_day()")


def fields_of_day(concentrator: Any) -> list[tuple[str, Any]]:
    return [
        (
            "pk",
            models.CompositePrimaryKey(
                "concentrator_id", "day", blank=True, editable=False, primary_key=True, serialize=False
            ),
        ),
        ("day", models.DateField(verbose_name="date")),
        ("wakeup_count", models.IntegerField(default=0, verbose_name="daily msg count")),
        ("first_wakeup_at", models.DateTimeField(verbose_name="first wake up")),
        ("last_wakeup_at", models.DateTimeField(verbose_name="last wake up")),
        (
            "source_ip",
            models.GenericIPAddressField(help_text="That of the day's last wake-up.", verbose_name="IP address"),
        ),
        ("concentrator", concentrator),
    ]


class Migration(migrations.Migration):
    dependencies = [("wakeup", "0019_partitions_by_owner")]

    operations = [
        migrations.AddField(
            model_name="wakeuptotal",
            name="day",
            field=models.DateField(null=True, verbose_name="date"),
        ),
        migrations.AddField(
            model_name="wakeuptotal",
            name="day_count",
            field=models.IntegerField(db_default=0, default=0, verbose_name="daily msg count"),
        ),
        migrations.AddField(
            model_name="wakeuptotal",
            name="day_first_at",
            field=models.DateTimeField(null=True, verbose_name="first wake up"),
        ),
        migrations.AddIndex(
            model_name="wakeuptotal",
            index=models.Index(fields=["day", "concentrator"], name="total_by_day"),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel(name="DailyCount"),
                migrations.CreateModel(
                    name="ClosedDay",
                    fields=fields_of_day(
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="concentrators.concentrator",
                            verbose_name="concentrator",
                        )
                    ),
                    options={
                        "verbose_name": "wake-ups of a day",
                        "verbose_name_plural": "wake-ups per day",
                        "db_table": "wakeup_dailycount",
                        "default_permissions": (),
                        "indexes": [models.Index(fields=["day", "concentrator"], name="daily_count_by_day")],
                    },
                ),
                migrations.CreateModel(
                    name="DailyCount",
                    fields=fields_of_day(
                        models.ForeignKey(
                            db_constraint=False,
                            db_index=False,
                            on_delete=django.db.models.deletion.DO_NOTHING,
                            related_name="daily_counts",
                            to="concentrators.concentrator",
                            verbose_name="concentrator",
                        )
                    ),
                    options={
                        "verbose_name": "wake-ups of a day",
                        "verbose_name_plural": "wake-ups per day",
                        "db_table": "wakeup_day",
                        "managed": False,
                    },
                ),
            ]
        ),
        migrations.RunPython(create, remove),
    ]
