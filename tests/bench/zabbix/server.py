"""Zabbix out of Debian's packages, unpacked into a folder of the bench, on a database of its own in its cluster."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit

import psycopg

from tests.bench.servers import Server
from tests.bench.zabbix.frames import KEY, ask, frame_of
from tests.support.listener import HOST
from tests.support.processes import free_port

PACKAGES = ("zabbix-server-pgsql", "libopenipmi0", "libsnmp40")
DATABASE = "zabbix"
SCRIPTS = ("schema", "images", "data")
START_S = 60
_SETTINGS = """
ListenIP={host}
ListenPort={port}
LogType=console
PidFile={folder}/zabbix.pid
SocketDir={folder}
DBHost={db_host}
DBPort={db_port}
DBName={database}
DBUser={db_user}
AllowRoot=1
AllowUnsupportedDBVersions=1
StartTrappers=10
StartPollers=1
StartPingers=0
StartDiscoverers=0
StartHTTPPollers=0
StartODBCPollers=0
StartPreprocessors=1
CacheSize=128M
HistoryCacheSize=256M
HistoryIndexCacheSize=64M
TrendCacheSize=32M
ValueCacheSize=0
"""
_FLEET = """
    INSERT INTO hosts (hostid, host, name, name_upper) SELECT 1000000 + n, host, host, upper(host)
    FROM unnest(%(hosts)s::text[]) WITH ORDINALITY AS of_all (host, n);
    INSERT INTO items (itemid, type, hostid, name, key_, value_type, trends)
    SELECT hostid, 2, hostid, %(key)s, %(key)s, 3, '0' FROM hosts WHERE hostid > 1000000;
    INSERT INTO item_rtdata (itemid) SELECT itemid FROM items WHERE itemid > 1000000;
"""


class NoZabbixError(RuntimeError):
    """It is not to be had here; the message says why."""


@contextmanager
def zabbix(url: str, folder: Path, hosts: Sequence[str]) -> Iterator[tuple[Server, psycopg.Connection]]:
    """A running server that knows ``hosts``, and its database. Raises NoZabbixError where there is none."""
    root = _unpacked(folder)
    facts = urlsplit(url)
    with psycopg.connect(url, autocommit=True) as creating:
        creating.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING 'UTF8'".encode())
    with psycopg.connect(url, dbname=DATABASE, autocommit=True) as database:
        for name in SCRIPTS:
            packed = (root / f"usr/share/{PACKAGES[0]}/{name}.sql.gz").read_bytes()
            database.execute(gzip.decompress(packed))
        with psycopg.ClientCursor(database) as cursor:
            cursor.execute(_FLEET, {"hosts": list(hosts), "key": KEY})
        database.execute("VACUUM ANALYZE")
        port = free_port()  # below those that the system gives, of which Zabbix refuses most
        settings = folder / "zabbix.conf"
        settings.write_text(
            _SETTINGS.format(
                host=HOST, port=port, folder=folder, database=DATABASE,
                db_host=facts.hostname, db_port=facts.port, db_user=facts.username,
            )
        )  # fmt: skip
        with _running(root, settings, folder / "zabbix.log") as process:
            _await(process, port, hosts[0], folder / "zabbix.log")
            yield Server(process.pid, port), database


def _unpacked(folder: Path) -> Path:
    root = folder / "zabbix"
    root.mkdir()
    try:
        subprocess.run(["apt-get", "download", *PACKAGES], cwd=root, check=True, capture_output=True, timeout=300)
        for package in sorted(root.glob("*.deb")):
            subprocess.run(["dpkg-deb", "-x", package, root], check=True, capture_output=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise NoZabbixError(f"apt-get download {' '.join(PACKAGES)} gave nothing: {error}") from error
    return root


@contextmanager
def _running(root: Path, settings: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    libraries = ":".join(str(root / path / f"{os.uname().machine}-linux-gnu") for path in ("usr/lib", "lib"))
    with log.open("wb") as output:
        process = subprocess.Popen(
            [root / "usr/sbin/zabbix_server", "-f", "-c", settings],
            env=os.environ | {"LD_LIBRARY_PATH": libraries},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def _await(process: subprocess.Popen[bytes], port: int, host: str, log: Path) -> None:
    """Until it takes a value of ``host``."""
    ends = monotonic() + START_S
    while monotonic() < ends and process.poll() is None:
        try:
            if ask(port, frame_of([host])) == 1:
                return
        except OSError:
            pass
        sleep(0.2)
    raise NoZabbixError(f"it does not start here: {log.read_text(errors='replace')[-500:]}")
