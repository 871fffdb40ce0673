"""A large installation file and a large choice through the web page, measured (PER-4, CON-3, CON-5).

``python -m tests.support.postgres --durable -- python -m tests.bench.upload [--rows 400000] [--chosen 100000]``

A gunicorn process serves a user who signs in, uploads a file of new concentrators, previews and confirms it, does
the same with the file after some rows have changed, and installs all that match a search. Each step is timed from
its request to the end of what the page streams. CPU is that of the web process, and on PostgreSQL of all processes
of the database: on a machine that does other work too it says more than the seconds that went by. Needs /proc.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from tests.support.processes import children_of, free_port

COMPANY, USER, PASSWORD, PROFILE = "Bench", "bench", "bench", "Bench 10 min"
UPLOAD = "/concentrators/upload/"
HEADER = "serial_number,type,manufacturer,profile,management_ip,management_port,substation,feeder,customers\n"
CHANGED_EVERY = 10  # of the second file, every tenth row says something else
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
SETTLED_S = 0.3  # until a connection that was closed at the end of a step has ended its process
BOUNDARY = "bench-boundary-0123456789"


class Spent(NamedTuple):
    """What a step took: seconds that went by, CPU seconds of the web and of the database."""

    wall: float
    web: float
    database: float

    def __add__(self, other: tuple[object, ...]) -> Spent:
        return Spent(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))  # type: ignore[operator]


class Server:
    """The web process at ``url``, and what it and its database have spent."""

    def __init__(self, url: str, worker: int, postmaster: int | None) -> None:
        self.url = url
        self.worker = worker
        self.postmaster = postmaster

    def measured(self, step: Callable[[], str]) -> tuple[str, Spent]:
        """What ``step`` returns, and what it took."""
        web, database, begin = self._web(), self._database(), time.monotonic()
        result = step()
        wall = time.monotonic() - begin
        time.sleep(SETTLED_S)
        return result, Spent(wall, self._web() - web, self._database() - database)

    def peak_mib(self) -> float:
        """The most memory that the web process ever had, in MiB."""
        status = Path(f"/proc/{self.worker}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024

    def _web(self) -> float:
        return _cpu(self.worker)

    def _database(self) -> float:
        """Of those processes that have ended the postmaster, their parent, knows."""
        if not self.postmaster:
            return 0.0
        return _cpu(self.postmaster, with_ended=True) + sum(map(_cpu, children_of(self.postmaster)))


class Browser:
    """As much of a browser as the pages need: cookies, forms, and the end of a page that grows."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> str:
        with self.opener.open(self.url + path) as response:
            return str(response.read().decode())

    def post(self, path: str, body: bytes, content_type: str) -> str:
        headers = {"Content-Type": content_type, "X-CSRFToken": self._token(), "Referer": self.url + path}
        request = urllib.request.Request(self.url + path, body, headers)
        with self.opener.open(request) as response:
            return str(response.read().decode())

    def submit(self, path: str, **fields: object) -> str:
        return self.post(path, urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def upload(self, path: str, file: bytes, **fields: object) -> str:
        before = "".join(f"{_part(name)}\r\n\r\n{value}\r\n" for name, value in fields.items())
        before += f'{_part("file")}; filename="bench.csv"\r\nContent-Type: text/csv\r\n\r\n'
        body = before.encode() + file + f"\r\n--{BOUNDARY}--\r\n".encode()
        return self.post(path, body, f"multipart/form-data; boundary={BOUNDARY}")

    def _token(self) -> str:
        return next((cookie.value or "" for cookie in self.cookies if cookie.name == "csrftoken"), "")


def _part(name: str) -> str:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'


def _cpu(pid: int, *, with_ended: bool = False) -> float:
    """The CPU seconds of a process, with those of its children that have ended; 0 for one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11 : 15 if with_ended else 13])) / TICKS_PER_S


def installation_file(prefix: str, rows: int, *, profile: str = "", changed_every: int = 0) -> bytes:
    """A file of ``rows`` concentrators; of every ``changed_every``-th the feeder is another one."""
    lines = (
        _line(prefix, number, profile, "x" if changed_every and number % changed_every == 0 else "")
        for number in range(rows)
    )
    return (HEADER + "".join(lines)).encode()


def _line(prefix: str, number: int, profile: str, suffix: str) -> str:
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    place = f"Substation {number % 2_000},S{number % 2_000}-F{number % 7}{suffix},{number % 300}"
    return f"{prefix}{number:09},CERCO1,Ap System,{profile},{address},4059,{place}\n"


def prepare() -> int:
    """Make the tables, a company, its operator, a profile and a type; return the company's key."""
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from profiles.models import SystemSettings
    from tests.factories import CompanyFactory, ConcentratorTypeFactory, SpontaneousProfileFactory

    call_command("migrate", verbosity=0)
    SystemSettings.objects.update_or_create(pk=1, defaults={"wakeup_ip": "10.132.20.228"})
    ConcentratorTypeFactory.create()
    SpontaneousProfileFactory.create(name=PROFILE)
    company = CompanyFactory.create(name=COMPANY)
    company.users.add(User.objects.create_superuser(USER, password=PASSWORD))
    return int(company.pk)


def postmaster() -> int | None:
    """The process that all others of the database are children of; None when the database is a file."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = int(cursor.fetchone()[0])
    return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])


@contextmanager
def served(
    database: int | None,
    *,
    python: str = sys.executable,
    directory: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """A web server as it runs in production, with one process so that there is one to measure.

    ``database`` is the first process of PostgreSQL, if it is one. The code is that in ``directory``, or in ours.
    """
    port = free_port()
    gunicorn = ["gunicorn", "smmeplus.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    options = ["--threads", "8", "--no-control-socket", "--log-level", "warning"]
    process = subprocess.Popen([python, "-m", *gunicorn, *options], cwd=directory, env=environment)
    try:
        _await(f"http://127.0.0.1:{port}/healthz")
        (worker,) = children_of(process.pid)
        yield Server(f"http://127.0.0.1:{port}", worker, database)
    finally:
        process.terminate()
        process.wait()


def _await(url: str, for_s: float = 60) -> None:
    deadline = time.monotonic() + for_s
    while True:
        try:
            urllib.request.urlopen(url).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def sign_in(browser: Browser) -> None:
    browser.get("/sign-in/")
    if "Sign out" not in browser.submit("/sign-in/", username=USER, password=PASSWORD):
        raise SystemExit("The sign-in failed.")


def uploaded(server: Server, browser: Browser, company: int, content: bytes) -> tuple[Spent, Spent]:
    """Upload ``content``, preview it and confirm it: what the preview took, and what writing took."""
    page, checked = server.measured(lambda: browser.upload(UPLOAD, content, company=company))
    preview = _found(r'data-go href="([^"]+)"', page)
    page, written = server.measured(lambda: browser.submit(preview))
    _found(r'data-go href="([^"]+)"', page)
    _found(r"(Written:)", browser.get(preview))
    return checked, written


class Bench:
    """Runs the steps and prints a line on each."""

    def __init__(self, server: Server, company: int) -> None:
        self.server = server
        self.browser = Browser(server.url)
        self.company = company

    def run(self, rows: int, chosen: int) -> None:
        sign_in(self.browser)
        self._print("step", "s", "rows/s", "CPU web", "CPU db", "peak MiB")
        self.file(f"{rows} new", installation_file("NEW", rows, profile=PROFILE), rows)
        changed = installation_file("NEW", rows, profile=PROFILE, changed_every=CHANGED_EVERY)
        self.file(f"1 in {CHANGED_EVERY} changed", changed, rows)
        self.file(f"{chosen} to choose from", installation_file("CHOSEN", chosen), chosen)
        self.installation(chosen)

    def file(self, what: str, content: bytes, rows: int) -> None:
        checked, written = uploaded(self.server, self.browser, self.company, content)
        self._report(f"{what}: upload and preview", checked, rows)
        self._report(f"{what}: confirm", written, rows)
        self._report(f"{what}: both", checked + written, rows)

    def installation(self, count: int) -> None:
        """Install all that are available, which are so many, by one choice."""
        page = f"/concentrators/installation/?company={self.company}"
        profile = _found(r'value="(\d+)" data-keep="kept-profile"', self.browser.get(page))
        asked = self.browser.submit(page, all="", profile=profile)
        confirmed = _found(r'name="confirmed" value="(\d+)"', asked)
        done, spent = self.server.measured(
            lambda: self.browser.submit(page, all="", profile=profile, confirmed=confirmed)
        )
        _found(f"({count:,} |{count} )concentrators were installed", done)
        self._report(f"installation of {count} at once", spent, count)

    def _report(self, what: str, spent: Spent, rows: int) -> None:
        figures = [f"{figure:.1f}" for figure in spent]
        self._print(what, figures[0], f"{rows / spent.wall:.0f}", *figures[1:], f"{self.server.peak_mib():.0f}")

    def _print(self, what: str, *cells: str) -> None:
        sys.stdout.write(f"{what:44}" + "".join(f"{cell:>10}" for cell in cells) + "\n")
        sys.stdout.flush()


def _found(pattern: str, page: str) -> str:
    """What the group of ``pattern`` matches on a page; ends the measuring when the page is another one."""
    match = re.search(pattern, page)
    if match is None:
        text = " ".join(re.sub(r"<[^>]*>", " ", page).split())
        raise SystemExit(f"Not on the page: {pattern}\n{text[-1000:]}")
    return match[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=400_000, help="concentrators in the file")
    parser.add_argument("--chosen", type=int, default=100_000, help="concentrators installed by one choice")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(143))  # and not without ending the server
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    company = prepare()
    with served(postmaster()) as server:
        Bench(server, company).run(options.rows, options.chosen)


if __name__ == "__main__":
    main()
