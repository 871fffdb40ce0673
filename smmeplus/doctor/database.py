"""The database: does it answer, is it as this version needs it, and do its clock and its zones agree with ours?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from concentrators.models import Company
from profiles.models import SystemSettings
from profiles.zones import is_zone
from smmeplus.checks import check_rights
from smmeplus.doctor.findings import Check, Told, ok, warning, wrong
from smmeplus.metrics.figures import retention_at
from wakeup.models import CountingZone
from wakeup.retention.partitions import DAYS_AHEAD, DEFAULT, is_partitioned

OLDEST: Final = 15  # of PostgreSQL
CLOCKS_S: Final = 2.0
MANY: Final = 10_000  # more than are moved out of DEFAULT by themselves
FULL: Final = 0.8  # of the connections that PostgreSQL takes
LATE: Final = timedelta(days=2)


def server() -> Iterator[Told]:
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("SELECT sqlite_version()")
            yield ok(f"SQLite {cursor.fetchone()[0]} answers; it is for one machine and a small fleet")
            return
        cursor.execute("SELECT current_setting('server_version'), current_setting('server_version_num')::int / 10000")
        version, major = cursor.fetchone()
    if major < OLDEST:
        yield wrong(f"PostgreSQL {version} is too old", f"Upgrade it to {OLDEST} or newer.")
    else:
        yield ok(f"PostgreSQL {version} answers")


def migrations() -> Iterator[Told]:
    executor = MigrationExecutor(connection)
    loader = executor.loader
    missing = executor.migration_plan(loader.graph.leaf_nodes())
    unknown = [name for name in loader.applied_migrations if name not in loader.disk_migrations]
    if missing:
        names = ", ".join(f"{one.app_label} {one.name}" for one, _backwards in missing[:3])
        yield wrong(f"{len(missing)} migrations are not applied, the first: {names}", "Run migrate as the owner.")
    if unknown and not missing:
        yield warning(
            f"{len(unknown)} migrations are of a newer version than this one",
            "Upgrade the services that still run this version.",
        )
    if not missing and not unknown:
        yield ok("all are applied")


def rights() -> Iterator[Told]:
    found = check_rights(databases=["default"])
    for one in found:
        yield wrong(str(one.msg), str(one.hint))
    if not found:
        yield ok("the roles have the rights that they need, or one role does it all")


def clocks() -> Iterator[Told]:
    before = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()" if connection.vendor == "postgresql" else "SELECT 1")
        (theirs,) = cursor.fetchone()
    yield _compared(theirs if isinstance(theirs, datetime) else timezone.now(), before, timezone.now())


def _compared(theirs: datetime, before: datetime, after: datetime) -> Told:
    """``theirs`` was read between two times of ours."""
    off_s = max((before - theirs).total_seconds(), (theirs - after).total_seconds(), 0.0)
    if off_s > CLOCKS_S:
        seen = f"the clocks of this host and of the database are {off_s:.1f} s apart"
        return wrong(seen, "Let NTP set both (timedatectl).")
    return ok("this host and the database agree about the time")


def zones() -> Iterator[Told]:
    named = set(Company.objects.values_list("time_zone", flat=True))
    named |= set(CountingZone.objects.values_list("time_zone", flat=True))
    named |= {SystemSettings.current().reporting_zone} - {""}
    unknown = {name for name in named if not is_zone(name)} | (named - _known_to_database(named))
    if unknown:
        yield wrong(
            f"unknown time zones: {', '.join(sorted(unknown))}", "Update tzdata on this host and the database's."
        )
    else:
        yield ok(f"{len(named)} are known here and to the database")


def _known_to_database(names: set[str]) -> set[str]:
    if connection.vendor != "postgresql":
        return names
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names WHERE name = ANY(%s)", [list(names)])
        return {name for (name,) in cursor.fetchall()}


def partitions() -> Iterator[Told]:
    if not is_partitioned():
        yield ok("the messages are one table")
        return
    _behind, until = retention_at(timezone.now())
    ahead = (until - timezone.now()) / timedelta(days=1) if until else 0.0
    to_do = "Run prunemessages, and see that smmeplus-prune.timer is enabled."
    if ahead < 1:
        yield wrong("the messages of tomorrow have no partition", to_do)
    elif ahead < DAYS_AHEAD - 1:
        yield warning(f"there are partitions for {ahead:.0f} days, not for {DAYS_AHEAD}", to_do)
    else:
        yield ok(f"there are partitions for {ahead:.0f} days")
    yield _default()


def _default() -> Told:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM (SELECT FROM {DEFAULT} LIMIT {MANY + 1}) AS few")  # noqa: S608
        (rows,) = cursor.fetchone()
    if rows > MANY:
        return warning(
            f"{DEFAULT} has more than {MANY} messages: reading them is slow",
            "Was the clock of a listener's host wrong? Very old history that was imported is no fault.",
        )
    return ok(f"{DEFAULT} has {rows} messages")


def pruning() -> Iterator[Told]:
    behind, _until = retention_at(timezone.now())
    if behind > LATE:
        to_do = "See journalctl -u smmeplus-prune, and that its timer is enabled."
        yield wrong(f"messages should have been pruned {behind.days} days ago", to_do)
    else:
        yield ok("no message is kept for too long")


def connections() -> Iterator[Told]:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), current_setting('max_connections')::int FROM pg_stat_activity")
        used, most = cursor.fetchone()
    if used > FULL * most:
        yield warning(
            f"{used} of {most} connections are in use", "Raise max_connections, or put PgBouncer before the web."
        )
    else:
        yield ok(f"{used} of {most} connections are in use")


CHECKS: Final = (
    Check("database", server, asks_database=True),
    Check("migrations", migrations, asks_database=True),
    Check("rights", rights, asks_database=True),
    Check("connections", connections, asks_database=True),
    Check("clocks", clocks, asks_database=True),
    Check("time zones", zones, asks_database=True),
    Check("partitions", partitions, asks_database=True),
    Check("pruning", pruning, asks_database=True),
)
