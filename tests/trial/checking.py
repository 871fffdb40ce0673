"""The database after the trial, held against the ledger of the senders."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import psycopg

from tests import ROOT
from tests.support.ledger import Ledger
from tests.trial.fleet import BIN, DATABASE, PASSWORD, Fleet

RESTORED = "restored"
#: Nothing of these may ever be there: what was counted otherwise, or told twice.
NONE_OF = {
    "totals that are wrong": """
        SELECT count(*) FROM wakeup_wakeuptotal t WHERE wakeup_count
        <> (SELECT count(*) FROM wakeup_message m WHERE m.concentrator_id = t.concentrator_id)""",
    "changes of status told twice": """
        SELECT count(*) FROM (
            SELECT from_status, lag(from_status) OVER (PARTITION BY concentrator_id ORDER BY at, id) AS before
            FROM wakeup_statuschange
        ) AS changes WHERE from_status = before""",
    "deliveries made twice": """
        SELECT count(*) - count(DISTINCT (receiver_id, number)) FROM wakeup_delivery""",
}


def compare(ledger: Ledger, url: str) -> dict[str, int]:
    """How many messages were lost, stored twice or never sent, and what else is wrong; all are to be 0."""
    stored = _stored(url)
    found = {
        "answered and lost": _sum(ledger.answered[one] - set(stored[one]) for one in ledger.sent),
        "stored twice": sum(len(times) - len(set(times)) for times in stored.values()),
        "stored and never sent": _sum(set(times) - ledger.sent[one] for one, times in stored.items()),
    }
    with psycopg.connect(url) as connection:
        for name, statement in NONE_OF.items():
            row = connection.execute(statement.encode()).fetchone()
            found[name] = row[0] if row else -1
    return found


def _sum(sets: Iterable[set[datetime]]) -> int:
    return sum(map(len, sets))


def _stored(url: str) -> dict[str, list[datetime]]:
    """The device times of each serial number."""
    stored = defaultdict(list)
    with psycopg.connect(url) as connection:
        for serial, moment in connection.execute(
            "SELECT serial_number, device_time FROM wakeup_message m "
            "JOIN concentrators_concentrator c ON c.id = m.concentrator_id"
        ):
            stored[serial].append(moment)
    return stored


def manage(fleet: Fleet, *arguments: str, database: str = DATABASE) -> subprocess.CompletedProcess[str]:
    environment = fleet.environment(fleet.url(database))
    command = [sys.executable, str(Path(ROOT, "manage.py")), *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def back_up(fleet: Fleet, source: str) -> Path:
    """A dump of the machine with that address, while all runs."""
    file = fleet.folder / "smmeplus.dump"
    _run(fleet, "pg_dump", "-Fc", "-h", source, "-U", DATABASE, "-f", str(file), DATABASE)
    return file


def restore(fleet: Fleet, file: Path, leader: str) -> None:
    """Into a second database beside the first one."""
    with psycopg.connect(fleet.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {RESTORED} OWNER {DATABASE}".encode())
    options = ["-h", leader, "-U", DATABASE, "-d", RESTORED]
    _run(fleet, "pg_restore", "--no-owner", "--no-acl", "--exit-on-error", *options, str(file))


def _run(fleet: Fleet, program: str, *arguments: str) -> None:
    environment = {"PGPASSWORD": PASSWORD, "LC_ALL": "C.UTF-8"}
    subprocess.run([str(BIN / program), *arguments], env=environment, check=True)
