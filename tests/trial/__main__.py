"""Stand the fleet up, load it, take one machine after the other away, and say what it cost: ``make trial``.

It wants root, Debian and its packages patroni, etcd-server, postgresql, pgbouncer, haproxy and nginx.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psycopg

from tests.support.ledger import senders
from tests.support.processes import wait_until
from tests.trial.checking import RESTORED, back_up, compare, manage, restore
from tests.trial.fleet import DATABASE, PASSWORD, Fleet
from tests.trial.machines import Machine, go_into, switched_on
from tests.trial.watching import Gaps, TimedLedger, ask_pages_without_end, is_ready, status_of

SERIALS = [f"FLEET{number:09}" for number in range(8)]
IN_FLIGHT = 4
START_S = 120.0
#: After a loss: this long, and this many answers more.
SETTLE_S, SETTLE_ANSWERS = 5.0, 200
NOTICED_S = 30.0  # for the watchers to go on with another primary
BACK_S = 90.0  # a machine that comes back copies or rewinds its database
PACKAGES = {
    "patroni": "patroni",
    "etcd": "etcd-server",
    "pgbouncer": "pgbouncer",
    "haproxy": "haproxy",
    "nginx": "nginx",
}


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Trial:
    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.ledger = TimedLedger()
        self.pages = Gaps()

    def stand_up(self) -> None:
        fleet = self.fleet
        fleet.arbiter.start()
        fleet.databases[0].start()
        wait_until(lambda: self.leader() is not None, patience_s=START_S)
        for machine in fleet.databases[1:]:
            machine.start()
        with psycopg.connect(fleet.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {DATABASE} LOGIN PASSWORD '{PASSWORD}'".encode())
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {DATABASE}".encode())
        self._make_concentrators()
        wait_until(lambda: len(self.standbys()) == 2 and self._is_synchronous(), patience_s=START_S)
        for machine in (*fleet.apps, fleet.balancer):
            machine.start()
        for machine in fleet.apps:
            wait_until(partial(is_ready, machine.address, 9592), patience_s=START_S)
        wait_until(lambda: is_ready(fleet.balancer.address, 80), patience_s=START_S)

    def _make_concentrators(self) -> None:
        for arguments in (["migrate", "--verbosity=0"], ["shell", "-c", _FLEET]):
            done = manage(self.fleet, *arguments)
            assert done.returncode == 0, done.stderr

    def leader(self) -> Machine | None:
        return next((one for one in self.fleet.databases if self._says(one, "/primary")), None)

    def standbys(self) -> list[Machine]:
        return [one for one in self.fleet.databases if self._says(one, "/replica")]

    def _is_synchronous(self) -> bool:
        return any(self._says(one, "/synchronous") for one in self.fleet.databases)

    def _says(self, machine: Machine, path: str) -> bool:
        return status_of(machine.address, 8008, path, "OPTIONS") == 200

    def is_whole(self) -> bool:
        return self.leader() is not None and len(self.standbys()) == 2 and self._is_synchronous()

    def must_lead(self) -> Machine:
        leader = self.leader()
        assert leader is not None
        return leader

    # What happens, in this order.

    def lose_a_listener_and_a_web(self) -> None:
        machine = self.fleet.apps[1]
        machine.kill()
        time.sleep(SETTLE_S)
        machine.start()
        wait_until(partial(is_ready, machine.address, 9592), patience_s=START_S)

    def lose_the_other_one(self) -> None:
        self.fleet.apps[0].kill()
        time.sleep(SETTLE_S)
        self.fleet.apps[0].start()
        wait_until(partial(is_ready, self.fleet.apps[0].address, 9592), patience_s=START_S)

    def lose_the_balancer(self) -> None:
        self.fleet.balancer.kill()
        self.fleet.balancer.start()

    def lose_the_synchronous_standby(self) -> None:
        lost = next(one for one in self.fleet.databases if self._says(one, "/synchronous"))
        self._lose_database(lost)

    def back_up_and_restore(self) -> None:
        leader = self.must_lead()
        restore(self.fleet, back_up(self.fleet, self.standbys()[0].address), leader.address)
        done = manage(self.fleet, "rebuildcounts", "--dry-run", database=RESTORED)
        assert done.returncode == 0, done.stdout + done.stderr

    def lose_the_primary(self) -> None:
        """It comes back only after another one leads."""
        self._lose_database(self.must_lead())

    def _lose_database(self, lost: Machine) -> None:
        lost.kill()
        wait_until(lambda: self.leader() not in (None, lost), patience_s=BACK_S)
        time.sleep(SETTLE_S)
        lost.start()
        wait_until(self.is_whole, patience_s=BACK_S)

    def cut_the_primary_off(self) -> None:
        """Nothing is refused: whoever waits for it notices by its own time-outs, the watchers too."""
        lost = self.must_lead()
        lost.cut_off()
        wait_until(lambda: self.leader() not in (None, lost), patience_s=BACK_S)
        moment = datetime.now(UTC)
        wait_until(lambda: self._watched_until() > moment, patience_s=NOTICED_S)
        lost.join()
        wait_until(self.is_whole, patience_s=BACK_S)

    def _watched_until(self) -> datetime:
        with psycopg.connect(self.fleet.url()) as connection:
            row = connection.execute("SELECT max(until) FROM wakeup_watchprogress").fetchone()
        assert row
        until: datetime = row[0]
        return until

    async def run(self) -> None:
        address = self.fleet.balancer.address
        asking = asyncio.create_task(ask_pages_without_end(address, self.pages))
        async with senders(self.ledger, 58_692, SERIALS, IN_FLIGHT, host=address):
            await self.ledger.wait_for(SETTLE_ANSWERS)
            for happens in STEPS:
                await self._step(happens)
        asking.cancel()

    async def _step(self, happens: Callable[[Trial], None]) -> None:
        before = self.ledger.answers
        self.ledger.gaps.begin()
        self.pages.begin()
        await asyncio.to_thread(happens, self)
        await self.ledger.wait_for(SETTLE_ANSWERS, timeout=BACK_S)
        name = happens.__name__.replace("_", " ")
        answers, gap, pages = self.ledger.answers - before, self.ledger.gaps.longest, self.pages.longest
        say(f"{name:<30} {answers:>9,} {gap:>8.1f} s {pages:>8.1f} s")


_FLEET = f"""
from tests.support.fleet import make_fleet
make_fleet({len(SERIALS)}, 0)
from concentrators.models import Company
from wakeup.models import WakeupTotal
Company.objects.update(time_zone="UTC")
WakeupTotal.objects.all().delete()
"""
STEPS: list[Callable[[Trial], None]] = [
    Trial.lose_a_listener_and_a_web,
    Trial.lose_the_other_one,
    Trial.lose_the_balancer,
    Trial.lose_the_synchronous_standby,
    Trial.back_up_and_restore,
    Trial.lose_the_primary,
    Trial.cut_the_primary_off,
]


def run_trial(folder: Path) -> bool:
    """Whether nothing that must not be was found."""
    began = time.monotonic()
    fleet = Fleet(folder)
    with switched_on(fleet.machines):
        go_into(fleet.field_)
        trial = Trial(fleet)
        trial.stand_up()
        say(f"{len(fleet.machines)} machines stand after {time.monotonic() - began:.0f} s")
        say(f"{'what happens':<30} {'answered':>9} {'no answer':>10} {'no page':>10}")
        asyncio.run(trial.run())
        found = compare(trial.ledger, fleet.url())
        counted = manage(fleet, "rebuildcounts", "--dry-run")
        found["counts that differ from a recount"] = counted.returncode
        say(f"{trial.ledger.answers:,} of {sum(map(len, trial.ledger.sent.values())):,} answered")
        for name, count in found.items():
            say(f"{name}: {count}")
        say(f"{time.monotonic() - began:.0f} s in all")
    return not any(found.values())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.trial", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="keep the logs, and say where they are")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("It makes network namespaces: run it as root.")
    for name, package in PACKAGES.items():
        if not shutil.which(name, path="/usr/bin:/usr/sbin"):
            sys.exit(f"{name} is missing: apt-get install {package}")
    folder = Path(tempfile.mkdtemp(prefix="smmeplus-trial-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        is_right = run_trial(folder)
    finally:
        if arguments.keep:
            say(f"The logs are in {folder}.")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(not is_right)


if __name__ == "__main__":
    main()
