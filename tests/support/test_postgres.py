"""The throw-away PostgreSQL: what a crash leaves of the data, and what the wrapper leaves of the cluster."""

import contextlib
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.support.postgres import temporary_postgres

pytestmark = pytest.mark.ci_only

WRAPPER = [sys.executable, "-m", "tests.support.postgres", "--", sys.executable, "-c"]
SAY_WHERE = """
import os, psycopg, signal, sys
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    print(connection.execute("SHOW data_directory").fetchone()[0], flush=True)
"""


def test_a_killed_server_comes_back_at_its_address_with_what_was_committed_and_no_more() -> None:
    with temporary_postgres(durable=True) as cluster:
        address = cluster.url
        with psycopg.connect(address) as connection:
            connection.execute("CREATE TABLE message (serial text)")
            connection.execute("INSERT INTO message VALUES ('COMMITTED')")
        with contextlib.closing(psycopg.connect(address)) as open_transaction:
            open_transaction.execute("INSERT INTO message VALUES ('OPEN')")
            cluster.kill()
            with pytest.raises(psycopg.OperationalError):
                open_transaction.commit()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(address)

        cluster.start()
        assert cluster.url == address
        with psycopg.connect(address) as connection:
            assert connection.execute("SELECT serial FROM message").fetchall() == [("COMMITTED",)]


@pytest.mark.parametrize(("durable", "setting"), [(True, "on"), (False, "off")])
def test_only_a_durable_cluster_waits_for_the_disk(durable: bool, setting: str) -> None:
    with temporary_postgres(durable) as cluster, psycopg.connect(cluster.url) as connection:
        for name in ("fsync", "synchronous_commit"):
            assert connection.execute(f"SHOW {name}").fetchone() == (setting,)


def test_a_stopped_server_starts_again_and_leaves_no_directory() -> None:
    with temporary_postgres() as cluster:
        cluster.stop()
        assert cluster.pid is None
        cluster.start()
        with psycopg.connect(cluster.url) as connection:
            assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
    assert not cluster.directory.exists()


def test_the_wrapper_exits_as_its_command_did_and_removes_the_cluster() -> None:
    done = subprocess.run([*WRAPPER, SAY_WHERE + "sys.exit(7)"], stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 7
    assert not Path(done.stdout.strip()).exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_wrapper_reaches_its_command_and_removes_the_cluster(number: signal.Signals) -> None:
    with subprocess.Popen([*WRAPPER, SAY_WHERE + "signal.pause()"], stdout=subprocess.PIPE, text=True) as wrapper:
        assert wrapper.stdout
        directory = Path(wrapper.stdout.readline().strip())
        wrapper.send_signal(number)
        assert wrapper.wait() == 128 + number
    assert directory.is_absolute()
    assert not directory.exists()
