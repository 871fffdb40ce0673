"""This machine: versions, configuration, limits, disk, and the ports of the services."""

from __future__ import annotations

import json
import platform
import resource
import shutil
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import django
import psycopg
from django.conf import settings

from smmeplus.common.version import version
from smmeplus.doctor.findings import Check, Told, ok, warning, wrong

FEWEST_FILES: Final = 65_536  # as the units of listener and writer ask for
LEAST_FREE: Final = 2**30  # bytes
LEAST_SHARE: Final = 0.1
ANSWERS_S: Final = 3.0
PORTS: Final = {
    "listener": 9592,
    "writer": 9593,
    "watcher": 9594,
    "notifications": 9595,
    "meter lists": 9596,
    "web": 8000,
}
_NETWORK: Final = Path("/proc/sys/net/ipv4")


def versions() -> Iterator[Told]:
    libraries = f"Django {django.get_version()}, psycopg {psycopg.__version__}"
    yield ok(f"SMM ePlus {version()}, Python {platform.python_version()}, {libraries}")


def configuration() -> Iterator[Told]:
    for problem in settings.CONFIGURATION_PROBLEMS:
        yield wrong(f"({problem.id}) {problem.seen}", problem.right)
    if not settings.CONFIGURATION_PROBLEMS:
        yield ok("every variable has a value that it can have")
    if settings.DEBUG:
        yield warning(
            "DEBUG is on: who meets an error sees the code", "Set DEBUG=false, unless this is your own machine."
        )


def open_files() -> Iterator[Told]:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < FEWEST_FILES:
        yield warning(
            f"a process of this shell may open {hard} files, and each connection of a listener is one",
            f"The units say LimitNOFILE={FEWEST_FILES}; say ulimit -Hn {FEWEST_FILES} for what is started by hand.",
        )
    else:
        yield ok(f"a process may open {hard} files")


def reserved_port() -> Iterator[Told]:
    """An outgoing connection may sit on the listener's port when that starts, unless the kernel keeps it free."""
    if not (_NETWORK / "ip_local_port_range").exists():
        return
    first, last = map(int, (_NETWORK / "ip_local_port_range").read_text().split())
    reserved = (_NETWORK / "ip_local_reserved_ports").read_text()
    yield _kept_free(settings.LISTENER_PORT, range(first, last + 1), reserved)


def _kept_free(port: int, outgoing: range, reserved: str) -> Told:
    spans = [part.partition("-") for part in reserved.strip().split(",") if part]
    is_reserved = any(int(first) <= port <= int(last or first) for first, _, last in spans)
    if port in outgoing and not is_reserved:
        return warning(
            f"port {port} of the listener may be taken by an outgoing connection of this host",
            "Copy deploy/sysctl.d/58692-smmeplus.conf to /etc/sysctl.d and run sysctl --system.",
        )
    return ok(f"no outgoing connection takes port {port} of the listener")


def disk() -> Iterator[Told]:
    database = settings.DATABASES["default"]
    folders = {Path(tempfile.gettempdir()), Path(settings.BASE_DIR)}
    if database["ENGINE"].endswith("sqlite3") and Path(str(database["NAME"])).exists():
        folders.add(Path(str(database["NAME"])).parent)
    for folder in sorted(folders):
        yield _room(folder, *shutil.disk_usage(folder))


def _room(folder: Path, total: int, _used: int, free: int) -> Told:
    said = f"{free / 2**30:.1f} GB of {total / 2**30:.1f} are free at {folder}"
    if free < LEAST_FREE:
        return wrong(said, "Make room: the database stops when its disk is full.")
    return warning(said, "Make room before it is needed.") if free < LEAST_SHARE * total else ok(said)


def services() -> Iterator[Told]:
    """What the services of this host say about themselves. Those that run elsewhere have no port here."""
    for name, port in PORTS.items():
        yield _health(name, port)


def _health(name: str, port: int) -> Told:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=ANSWERS_S) as answer:
            said = json.load(answer)
    except urllib.error.HTTPError as error:
        reason = _reason(error)
        return wrong(f"{name} (port {port}) cannot work: {reason}", f"See the log of {name}.")
    except (OSError, ValueError):
        return ok(f"{name}: nothing answers on port {port} of this host; it may run elsewhere, or show no metrics")
    if said.get("warning"):
        return warning(f"{name} (port {port}): {said['warning']}", "See docs/operation.md.")
    return ok(f"{name} (port {port}) is ready")


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error).get("reason", "it says no reason"))
    except (OSError, ValueError, AttributeError):
        return f"it answers {error.code}"


CHECKS: Final = (
    Check("versions", versions),
    Check("configuration", configuration),
    Check("open files", open_files),
    Check("reserved port", reserved_port),
    Check("disk", disk),
    Check("services here", services),
)
