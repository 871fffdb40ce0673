"""A day that is over takes half the room: the nightly job packs its partition (PER-9).

A packed partition has fewer indexes than one into which messages come. PostgreSQL gives each partition all indexes of the
whole table, so from here on the whole has none, and each partition has its own. None is built anew: the partitions are
taken off, the indexes of the whole dropped, and the partitions put back. What each holds is checked before that, while
all goes on, so the last step takes no longer for many messages than for few.

The functions run as the owner (see 0019), and the jobs alone may call them.
"""

from typing import Any

from django.db import migrations, transaction

PARTITIONS = """
SELECT relname, pg_get_expr(relpartbound, pg_class.oid), pg_get_partition_constraintdef(pg_class.oid)
FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'wakeup_message'::regclass
ORDER BY pg_get_expr(relpartbound, pg_class.oid) = 'DEFAULT', relname
"""
CHECK = "wakeup_message_bounds"
OF_THE_WHOLE = """
ALTER TABLE wakeup_message ADD CONSTRAINT wakeup_message_pkey PRIMARY KEY (id, received_at);
CREATE INDEX message_by_concentrator ON wakeup_message (concentrator_id, received_at);
CREATE INDEX message_by_time ON wakeup_message (received_at);
"""
NOT_OF_THE_WHOLE = """
ALTER TABLE wakeup_message DROP CONSTRAINT wakeup_message_pkey;
DROP INDEX message_by_concentrator, message_by_time;
"""

MAKE = """
CREATE OR REPLACE FUNCTION wakeup_make_partition(partition text, begins timestamptz, ends timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp
AS $$
BEGIN
    IF partition !~ '^wakeup_message_[0-9]{{8}}(_[0-9]{{8}})?$' THEN
        RAISE '% is no name of a partition', partition;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I (LIKE wakeup_message INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition
    );{indexes}
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
INDEXES = """
    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (id, received_at)', partition);
    EXECUTE format('CREATE INDEX ON %I (concentrator_id, received_at)', partition);
    EXECUTE format('CREATE INDEX ON %I (received_at)', partition);"""

REQUIRE = """
CREATE FUNCTION wakeup_require_partition(partition text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'wakeup_message'::regclass AND relname = partition
            AND pg_get_expr(relpartbound, pg_class.oid) <> 'DEFAULT'
    ) THEN
        RAISE '% is no partition by time', partition;
    END IF;
END
$$
"""
# The last number that was given to a message. Whoever calls this keeps others from storing messages meanwhile: then all
# messages up to it are stored for good, and later ones have higher numbers. It fails if the partition is in use.
NEWEST = """
CREATE FUNCTION wakeup_newest_before_packing(partition text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp
AS $$
BEGIN
    PERFORM wakeup_require_partition(partition);
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', partition);
    RETURN coalesce(pg_sequence_last_value('wakeup_message_id_seq'), 0);
END
$$
"""
# A column that is added with a default takes no room in the rows that are there already. So what most messages have in
# common (as the first 10,000 tell) is stored once, and the others come after that. The messages lie by hours, so that
# few pages hold those of a short time, and within an hour by concentrator, so that few pages hold those of its day. For
# the same reason BRIN is enough for times and numbers; the index of concentrators has an entry for each of them.
PACK = """
CREATE FUNCTION wakeup_pack_partition(partition text, newest bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp
SET work_mem = '64MB' SET maintenance_work_mem = '256MB'
AS $$
DECLARE
    packing text := partition || '_packing';
    own name[] := '{{id, received_at, concentrator_id, device_time, source_ip, elsewhere}}';
    own_columns text := array_to_string(own, ', ');
    common_columns text;
    usual jsonb;
    is_usual text;
    with_usual text;
    hour timestamptz;
BEGIN
    PERFORM wakeup_require_partition(partition);
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO common_columns FROM pg_attribute
    WHERE attrelid = 'wakeup_message'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> ALL (own);
    EXECUTE format(
        'SELECT to_jsonb(found) FROM (SELECT %1$s FROM (SELECT * FROM %2$I LIMIT 10000) AS first'
        ' GROUP BY %1$s ORDER BY count(*) DESC LIMIT 1) AS found', common_columns, partition
    ) INTO usual;
    SELECT string_agg(format('%I IS NOT DISTINCT FROM %L', attname, usual ->> attname), ' AND '),
        string_agg(format(
            'ADD %I %s DEFAULT %L%s', attname, format_type(atttypid, atttypmod), usual ->> attname,
            CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
        ), ', ' ORDER BY attlen DESC, attnum)
    INTO is_usual, with_usual FROM pg_attribute
    WHERE attrelid = 'wakeup_message'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> ALL (own);

    EXECUTE format('CREATE TABLE %I AS SELECT %s FROM wakeup_message WITH NO DATA', packing, own_columns);
    EXECUTE format(
        'ALTER TABLE %I ALTER id SET NOT NULL, ALTER received_at SET NOT NULL, ALTER concentrator_id SET NOT NULL,'
        ' ALTER source_ip SET NOT NULL, ALTER elsewhere SET NOT NULL, ADD CONSTRAINT wakeup_message_bounds CHECK (%s)',
        packing, pg_get_partition_constraintdef(quote_ident(partition)::regclass)
    );
    EXECUTE format('SELECT date_trunc(''hour'', min(received_at)) FROM %I', partition) INTO hour;
    WHILE hour IS NOT NULL LOOP
        EXECUTE format(
            'INSERT INTO %I SELECT %s FROM %I WHERE received_at >= $1 AND received_at < $2 AND id <= $3 AND %s'
            ' ORDER BY concentrator_id, received_at', packing, own_columns, partition, is_usual
        ) USING hour, hour + interval '1 hour', newest;
        EXECUTE format('SELECT date_trunc(''hour'', min(received_at)) FROM %I WHERE received_at >= $1', partition)
            INTO hour USING hour + interval '1 hour';
    END LOOP;
    EXECUTE format('ALTER TABLE %I %s', packing, with_usual);
    EXECUTE format(
        'INSERT INTO %I (%2$s, %3$s) SELECT %2$s, %3$s FROM %4$I WHERE id <= $1 AND NOT (%5$s)'
        ' ORDER BY date_trunc(''hour'', received_at), concentrator_id, received_at',
        packing, own_columns, common_columns, partition, is_usual
    ) USING newest;
    EXECUTE format('CREATE INDEX ON %I (concentrator_id) WITH (fillfactor = 100)', packing);
    EXECUTE format('CREATE INDEX ON %I USING brin (received_at, id) WITH (pages_per_range = 16)', packing);
    EXECUTE format('ANALYZE %I', packing);
END
$$
"""
# In the transaction of wakeup_pack_partition. What came in meanwhile is little, or this is as good as busy.
SWAP = """
CREATE FUNCTION wakeup_swap_partition(partition text, newest bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp
AS $$
DECLARE
    packing text := partition || '_packing';
    all_columns text;
    bounds text;
    late bigint;
BEGIN
    LOCK TABLE ONLY wakeup_message IN ACCESS EXCLUSIVE MODE;
    PERFORM wakeup_require_partition(partition);
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', partition);
    SELECT pg_get_expr(relpartbound, oid) INTO bounds FROM pg_class WHERE oid = quote_ident(partition)::regclass;
    SELECT string_agg(quote_ident(attname), ', ') INTO all_columns FROM pg_attribute
    WHERE attrelid = 'wakeup_message'::regclass AND attnum > 0 AND NOT attisdropped;
    EXECUTE format(
        'INSERT INTO %I (%2$s) SELECT %2$s FROM %3$I WHERE id > $1 LIMIT 10001', packing, all_columns, partition
    ) USING newest;
    GET DIAGNOSTICS late = ROW_COUNT;
    IF late > 10000 THEN
        RAISE 'too many messages came into % meanwhile', partition USING ERRCODE = 'lock_not_available';
    END IF;
    EXECUTE format('ALTER TABLE wakeup_message DETACH PARTITION %I', partition);
    EXECUTE format('DROP TABLE %I', partition);
    EXECUTE format('ALTER TABLE %I RENAME TO %I', packing, partition);
    EXECUTE format('ALTER TABLE wakeup_message ATTACH PARTITION %I %s', partition, bounds);
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT wakeup_message_bounds', partition);
END
$$
"""
SIGNATURES = (
    "wakeup_require_partition(text)",
    "wakeup_newest_before_packing(text)",
    "wakeup_pack_partition(text, bigint)",
    "wakeup_swap_partition(text, bigint)",
)


def forth(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        for name, _bounds, holds in partitions(cursor)[:-1]:
            cursor.execute(f"ALTER TABLE {name} DROP CONSTRAINT IF EXISTS {CHECK}")
            cursor.execute(f"ALTER TABLE {name} ADD CONSTRAINT {CHECK} CHECK ({holds}) NOT VALID")
            cursor.execute(f"ALTER TABLE {name} VALIDATE CONSTRAINT {CHECK}")
        with transaction.atomic(schema_editor.connection.alias):
            drop_indexes_of_the_whole(cursor)
            schema = schema_of(cursor)
            cursor.execute(MAKE.format(schema=schema, indexes=INDEXES))
            for function in (REQUIRE, NEWEST, PACK, SWAP):
                cursor.execute(function.format(schema=schema))
            for signature in SIGNATURES:
                cursor.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")


def drop_indexes_of_the_whole(cursor: Any) -> None:
    cursor.execute("LOCK TABLE wakeup_message IN ACCESS EXCLUSIVE MODE")
    there = partitions(cursor)
    for name, _bounds, _holds in there:
        cursor.execute(f"ALTER TABLE wakeup_message DETACH PARTITION {name}")
    cursor.execute(NOT_OF_THE_WHOLE)
    for name, bounds, _holds in there:
        cursor.execute(f"ALTER TABLE wakeup_message ATTACH PARTITION {name} {bounds}")
        cursor.execute(f"ALTER TABLE {name} DROP CONSTRAINT IF EXISTS {CHECK}")


def back(apps: Any, schema_editor: Any) -> None:
    """A packed partition stays as it is, and gets the indexes that it lacks."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with transaction.atomic(schema_editor.connection.alias), schema_editor.connection.cursor() as cursor:
        for signature in SIGNATURES:
            cursor.execute(f"DROP FUNCTION {signature}")
        cursor.execute(MAKE.format(schema=schema_of(cursor), indexes=""))
        cursor.execute(OF_THE_WHOLE)


def partitions(cursor: Any) -> list[tuple[str, str, str]]:
    """Name, bounds and what its rows fulfil, of each; the DEFAULT one is last."""
    cursor.execute(PARTITIONS)
    found: list[tuple[str, str, str]] = cursor.fetchall()
    return found


def schema_of(cursor: Any) -> str:
    cursor.execute("SELECT quote_ident(current_schema())")
    return str(cursor.fetchone()[0])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("wakeup", "0020_open_day")]

    operations = [migrations.RunPython(forth, back)]
