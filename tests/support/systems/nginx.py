"""A real nginx that passes TCP and UDP on: the machine's own, or one installed for the tests."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.support.processes import free_port, wait_until
from tests.support.systems.debian import program

MODULE: Final = Path("/usr/lib/nginx/modules/ngx_stream_module.so")  # built in elsewhere than on Debian
STOP_TIMEOUT_S = 10.0

_CONFIGURATION: Final = """
{load}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
stream {{
{servers}
}}
"""


@contextmanager
def running_nginx(servers: dict[str, str], folder: Path) -> Iterator[dict[str, int]]:
    """nginx with a `server` of each body of ``servers``, in which ``{port}`` is its own; the ports by name."""
    path = program("nginx", "libnginx-mod-stream")
    ports = {name: free_port() for name in servers}
    bodies = "\n".join(f"server {{ {body.replace('{port}', str(ports[name]))} }}" for name, body in servers.items())
    load = f"load_module {MODULE};" if MODULE.exists() else ""
    file = folder / "nginx.conf"
    file.write_text(_CONFIGURATION.format(load=load, folder=folder, servers=bodies))
    process = subprocess.Popen([path, "-p", folder, "-c", file], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: (folder / "nginx.pid").exists())  # written once it listens
        yield ports
        assert process.poll() is None, "nginx has ended by itself"
    finally:
        process.terminate()
        process.wait(STOP_TIMEOUT_S)
