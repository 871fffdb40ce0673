"""The sockets that services listen on."""

from __future__ import annotations

import socket


class CannotListenError(Exception):
    """An address is not ours, or another program has it."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        super().__init__(f"Cannot listen on {host} port {port}: {error.strerror}")


def own_socket(host: str, port: int) -> socket.socket:
    """A TCP socket that listens at the address, for this process alone. Raises CannotListenError."""
    made = bound_socket(socket.SOCK_STREAM, host, port)
    try:
        made.listen()  # at once: until then another process can bind to it as well
    except OSError as error:
        made.close()
        raise CannotListenError(host, port, error) from error
    return made


def bound_socket(kind: socket.SocketKind, host: str, port: int, *options: int) -> socket.socket:
    """A socket with ``options`` of SOL_SOCKET that is bound to the address. Raises CannotListenError."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind)
    made.setblocking(False)
    try:
        for option in (socket.SO_REUSEADDR, *options):
            made.setsockopt(socket.SOL_SOCKET, option, 1)
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise CannotListenError(host, port, error) from error
    return made
