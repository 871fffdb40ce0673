"""Who may store messages need not own their table: three functions make and drop its partitions, as its owner (OPS-4).

They take names of partitions alone, and look into no schema but their own. Nobody may call them who was not told so;
``deploy/postgres/roles.sql`` tells the listener and the jobs.
"""

from typing import Any

from django.db import migrations

LOCK = """
CREATE FUNCTION wakeup_lock_default() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp
AS $$
BEGIN
    LOCK TABLE ONLY wakeup_message IN SHARE UPDATE EXCLUSIVE MODE;
    LOCK TABLE wakeup_message_default IN ACCESS EXCLUSIVE MODE;
END
$$
"""
# CREATE TABLE … PARTITION OF would lock out all writers.
MAKE = """
CREATE FUNCTION wakeup_make_partition(partition text, begins timestamptz, ends timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp
AS $$
BEGIN
    IF partition !~ '^wakeup_message_[0-9]{{8}}(_[0-9]{{8}})?$' THEN
        RAISE '% is no name of a partition', partition;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I (LIKE wakeup_message INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition
    );
    EXECUTE format(
        'WITH moved AS (DELETE FROM wakeup_message_default WHERE received_at >= $1 AND received_at < $2 RETURNING *)'
        ' INSERT INTO %I SELECT * FROM moved', partition
    ) USING begins, ends;
    EXECUTE format(
        'ALTER TABLE wakeup_message ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', partition, begins, ends
    );
END
$$
"""
# While it decides whether there are messages in it nobody stores one.
DROP = """
CREATE FUNCTION wakeup_drop_partition(partition text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp
AS $$
DECLARE
    had_messages boolean;
BEGIN
    LOCK TABLE ONLY wakeup_message IN ACCESS EXCLUSIVE MODE;
    IF NOT EXISTS (
        SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'wakeup_message'::regclass AND relname = partition
            AND pg_get_expr(relpartbound, pg_class.oid) <> 'DEFAULT'
    ) THEN
        RAISE '% is no partition by time', partition;
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', partition) INTO had_messages;
    EXECUTE format('DROP TABLE %I', partition);
    RETURN had_messages;
END
$$
"""
SIGNATURES = (
    "wakeup_lock_default()",
    "wakeup_make_partition(text, timestamptz, timestamptz)",
    "wakeup_drop_partition(text)",
)


def create(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        (schema,) = cursor.fetchone()
        for function in (LOCK, MAKE, DROP):
            cursor.execute(function.format(schema=schema))
        for signature in SIGNATURES:
            cursor.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")


def remove(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for signature in SIGNATURES:
            schema_editor.execute(f"DROP FUNCTION {signature}")


class Migration(migrations.Migration):
    dependencies = [("wakeup", "0018_trust")]

    operations = [migrations.RunPython(create, remove)]
