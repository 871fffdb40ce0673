"""The system checks of the configuration, which run before each command; ``smmeplus/environment.py`` has their ids."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from smmeplus.environment import IDS
from smmeplus.variables import SQLITE

CONFIGURATION = "configuration"
#: Of each table: who beside its owner has a right, and who may change rows. Of ours alone, and of no partition.
_RIGHTS: Final = """
SELECT relname, count(given.grantee),
    array_agg(DISTINCT CASE given.grantee WHEN 0 THEN 'everybody' ELSE given.grantee::regrole::text END)
        FILTER (WHERE given.privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE'))
FROM pg_class LEFT JOIN LATERAL aclexplode(relacl) AS given ON given.grantee <> relowner
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition
GROUP BY relname ORDER BY relname
"""
#: What was done, by whom: written once (ACC-3). deploy/postgres/roles.sql has the same words.
_IS_AUDIT: Final = re.compile(r".*_historical.*|django_admin_log|wakeup_(incidentnote|statuschange)")


@register(CONFIGURATION)
def check_variables(**_: object) -> list[Error]:
    return [Error(problem.seen, hint=problem.right, id=problem.id) for problem in settings.CONFIGURATION_PROBLEMS]


@register(Tags.files)
def check_folder_of_sqlite(**_: object) -> list[Error]:
    """SQLite makes its file, but not the folder, and its own error names neither."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] != SQLITE or database["NAME"] == ":memory:":
        return []
    folder = Path(database["NAME"]).absolute().parent
    if folder.is_dir():
        return []
    seen = f"The database is a file in {folder}, a folder that does not exist."
    return [Error(seen, hint="Make that folder, or set DATABASE_URL.", id=IDS["DATABASE_URL"])]


@register(Tags.database)
def check_rights(*, databases: Sequence[str] | None = None, **_: object) -> list[CheckMessage]:
    """Whether ``deploy/postgres/roles.sql`` has to be run again. Nothing, where one role does it all."""
    if not databases or connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(_RIGHTS)
        rows = cursor.fetchall()
    if not any(count for _table, count, _who in rows):
        return []
    hint = "Run deploy/postgres/roles.sql again."
    return [checks.Warning(f"The table {seen}.", hint=hint, id="smmeplus.W001") for seen in _wrong_rights(rows)]


def _wrong_rights(rows: list[tuple[str, int, list[str] | None]]) -> Iterator[str]:
    for table, count, who in rows:
        if not count:
            yield f"{table}: nobody but the owner has a right"
        if who and _IS_AUDIT.fullmatch(table):
            yield f"{table}: {', '.join(who)} may change what was written"
