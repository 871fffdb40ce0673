"""A RabbitMQ of Debian's own package that speaks AMQP 1.0, in a folder, until the test ends."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.systems.debian import program
from tests.support.tls.certificates import Authority

BIN = Path("/usr/lib/rabbitmq/bin")
HOST = "broker.example"
START_S = 90


@dataclass
class Broker:
    """It keeps its queues in ``folder`` while it is stopped. By TLS it is ``broker.example``."""

    folder: Path
    port: int
    tls_port: int
    authority: Authority
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        log = (self.folder / "log").open("ab")
        server = [str(BIN / "rabbitmq-server")]
        self.process = subprocess.Popen(server, env=self.environment, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + START_S
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.1)

    def stop(self) -> None:
        """At once, as a machine that loses its power."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def control(self, *arguments: str) -> None:
        command = [str(BIN / "rabbitmqctl"), *arguments]
        subprocess.run(command, env=self.environment, check=True, capture_output=True, timeout=START_S)

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as one:
            one.settimeout(1)
            one.sendall(b"AMQP\x03\x01\x00\x00")
            return one.recv(8)[:4] == b"AMQP"
        return False


@contextmanager
def broker_in(folder: Path) -> Iterator[Broker]:
    """Listens at a port of 127.0.0.1 for everybody there; ``guest`` has the password ``guest``."""
    program("rabbitmq-server")
    one = Broker(folder, _free_port(), _free_port(), Authority(folder), {})
    one.environment = _environment(one)
    try:
        one.start()
        yield one
    finally:
        one.stop()
        _stop_names(one.environment)


def _environment(one: Broker) -> dict[str, str]:
    folder, pair = one.folder, one.authority.certify("broker", HOST)
    settings = (
        f"listeners.tcp.default = 127.0.0.1:{one.port}",
        f"listeners.ssl.default = 127.0.0.1:{one.tls_port}",
        f"ssl_options.certfile = {pair.certificate}",
        f"ssl_options.keyfile = {pair.key}",
        "log.file = false",
        "log.console = true",
    )
    (folder / "rabbitmq.conf").write_text("\n".join((*settings, "")))
    (folder / "enabled_plugins").write_text("[rabbitmq_amqp1_0].\n")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "RABBITMQ_NODENAME": f"test{one.port}@localhost",
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_DIST_PORT": str(_free_port()),
        "ERL_EPMD_PORT": str(_free_port()),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
    }


def _stop_names(environment: dict[str, str]) -> None:
    """The daemon of names at a port of its own, which Erlang has started."""
    if epmd := shutil.which("epmd"):
        subprocess.run([epmd, "-port", environment["ERL_EPMD_PORT"], "-kill"], env=environment, capture_output=True)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
