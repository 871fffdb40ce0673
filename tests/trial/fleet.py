"""What runs on which machine of a trial, by the examples of ``deploy/`` with other addresses."""

from __future__ import annotations

import os
import pwd
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests import ROOT
from tests.trial.machines import NETWORK, Command, Machine

DEPLOY = Path(ROOT, "deploy")
PASSWORD = "trial"
DATABASE = "smmeplus"
#: The addresses of the examples, and whose they are here.
ADDRESSES = {
    "10.132.20.240": f"{NETWORK}.10",
    "10.132.20.241": f"{NETWORK}.11",
    "10.132.20.242": f"{NETWORK}.12",
    "10.132.20.243": f"{NETWORK}.13",
    "10.132.20.231": f"{NETWORK}.21",
    "10.132.20.232": f"{NETWORK}.22",
    "10.132.20.0/24": f"{NETWORK}.0/24",
}
BIN = Path("/usr/lib/postgresql/15/bin")
WEB_PORT = 8000

NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    upstream web {{ server {apps[0]}:{port} fail_timeout=2s; server {apps[1]}:{port} fail_timeout=2s; }}
    server {{
        listen 80;
        location / {{
            proxy_pass http://web;
            proxy_connect_timeout 1s;
            proxy_read_timeout 5s;
            proxy_set_header Host $host;
        }}
    }}
}}
"""


@dataclass
class Fleet:
    """All machines of a trial; files and data of all of them lie below ``folder``, which everybody may enter."""

    folder: Path
    arbiter: Machine = field(init=False)
    databases: list[Machine] = field(init=False)
    apps: list[Machine] = field(init=False)
    balancer: Machine = field(init=False)
    field_: Machine = field(init=False)

    def __post_init__(self) -> None:
        self.arbiter = Machine("arbiter", 10, self.folder)
        self.databases = [Machine(f"db{number}", 10 + number, self.folder) for number in (1, 2, 3)]
        self.apps = [Machine(f"app{number}", 20 + number, self.folder) for number in (1, 2)]
        self.balancer = Machine("balancer", 30, self.folder)
        self.field_ = Machine("field", 40, self.folder)
        self.arbiter.commands = [self._etcd()]
        for machine in self.databases:
            machine.commands = [self._patroni(machine)]
        for machine in self.apps:
            machine.commands = [*self._way_to_the_database(machine), *self._services()]
        self.balancer.commands = [self._haproxy("haproxy"), self._nginx()]

    @property
    def machines(self) -> list[Machine]:
        return [self.arbiter, *self.databases, *self.apps, self.balancer, self.field_]

    def url(self, database: str = DATABASE, user: str = DATABASE) -> str:
        """Of whoever leads, for a client that asks all three."""
        hosts = ",".join(f"{machine.address}:5432" for machine in self.databases)
        return f"postgres://{user}:{PASSWORD}@{hosts}/{database}?target_session_attrs=read-write&connect_timeout=3"

    def environment(self, database: str = "") -> dict[str, str]:
        """Of a process of the product, as in production but for TLS."""
        return {
            "PATH": os.defpath,
            "ENV_FILE": os.devnull,
            "DJANGO_SETTINGS_MODULE": "smmeplus.settings",
            "DATABASE_URL": database or self.url(),
            "SECRET_KEY": "of-a-trial-and-long-enough-0123456789-abcdefghijklmnop",
            "ALLOWED_HOSTS": "*",
            "HTTPS": "false",
            "STATIC_FROM_PACKAGES": "true",
            "LISTENER_PROXIES": self.balancer.address,
            "LISTENER_RATE_PER_SERIAL": "0",
            "PYTHONUNBUFFERED": "1",
        }

    def _etcd(self) -> Command:
        url = f"http://{self.arbiter.address}:2379"
        options = ["--listen-client-urls", url, "--advertise-client-urls", url, "--data-dir", self.folder / "etcd"]
        return Command("etcd", ["/usr/bin/etcd", "--name", "arbiter", *options])

    def _patroni(self, machine: Machine) -> Command:
        data = self.folder / machine.name
        data.mkdir()
        replaced = {
            "name: db1": f"name: {machine.name}",
            "10.132.20.241": machine.address,
            "PASSWORD": PASSWORD,
            "/var/lib/postgresql/smmeplus": f"{data}/data",
            "/var/run/postgresql": str(data),
        }
        file = data / "patroni.yml"
        _write(file, DEPLOY / "patroni" / "patroni.yml", replaced)
        _give_to_postgres(data, file)
        return Command("patroni", ["/usr/bin/patroni", file], user="postgres")

    def _way_to_the_database(self, machine: Machine) -> list[Command]:
        place = self.folder / machine.name
        place.mkdir()
        users = place / "userlist.txt"
        users.write_text(f'"{DATABASE}" "{PASSWORD}"\n')
        _write(place / "pgbouncer.ini", DEPLOY / "pgbouncer" / "pgbouncer.ini", {"/etc/pgbouncer": str(place)})
        _give_to_postgres(place, users, place / "pgbouncer.ini")
        return [
            self._haproxy("database"),
            Command("pgbouncer", ["/usr/sbin/pgbouncer", place / "pgbouncer.ini"], user="postgres"),
        ]

    def _services(self) -> list[Command]:
        product = [sys.executable, Path(ROOT, "manage.py")]
        listening = ["--port", "58692", "--metrics-host", "0.0.0.0", "--metrics-port", "9592"]
        serving = ["--bind", f"0.0.0.0:{WEB_PORT}", "--workers", "1", "--worker-class", "gthread", "--threads", "4"]
        pooled = self.environment(f"postgres://{DATABASE}:{PASSWORD}@127.0.0.1:6432/{DATABASE}")
        web = [sys.executable, "-m", "gunicorn", "smmeplus.wsgi", "--chdir", ROOT, "--no-control-socket", *serving]
        own = self.environment()
        return [
            Command("listener", [*product, "runlistener", *listening], env=own),
            Command("web", web, env=pooled),
            Command("watcher", [*product, "watchstatus"], env=own),
            Command("writer", [*product, "writeconfigurations"], env=own),
        ]

    def _haproxy(self, name: str) -> Command:
        file = self.folder / f"{name}.cfg"
        _write(file, DEPLOY / "haproxy" / f"{name}.cfg", {"maxconn 40000": "maxconn 4000"})
        return Command(name, ["/usr/sbin/haproxy", "-db", "-f", file])

    def _nginx(self) -> Command:
        apps = [machine.address for machine in self.apps]
        file = self.folder / "nginx.conf"
        file.write_text(NGINX.format(folder=self.folder, apps=apps, port=WEB_PORT))
        return Command("nginx", ["/usr/sbin/nginx", "-p", self.folder, "-c", file])


def _write(target: Path, example: Path, replaced: Mapping[str, str]) -> None:
    text = example.read_text()
    for old, new in {**ADDRESSES, **replaced}.items():
        text = text.replace(old, new)
    target.write_text(text)


def _give_to_postgres(*paths: Path) -> None:
    entry = pwd.getpwnam("postgres")
    for path in paths:
        shutil.chown(path, entry.pw_uid, entry.pw_gid)
        path.chmod(0o700 if path.is_dir() else 0o600)
