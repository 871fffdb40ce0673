"""The sockets of a listener, and how many it may have."""

from __future__ import annotations

import resource
import socket

#: Bytes that the system buffers for a connection that is not read, and so the most that one read can bring (LIS-3).
#: Linux doubles this for its own overhead. Its default grows to megabytes.
RECEIVE_BUFFER = 16_384
BACKLOG = 4_096
SPARE_DESCRIPTORS = 64  # for the database, the log and the rest, however many connections are open


class CannotListenError(Exception):
    """An address is not ours, or another program has it."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        super().__init__(f"Cannot listen on {host} port {port}: {error.strerror}")


def shared_socket(kind: socket.SocketKind, host: str, port: int) -> socket.socket:
    """A socket bound to the address, shared with other listeners of this machine. Raises CannotListenError."""
    # Connections inherit the options: by SO_KEEPALIVE the system finds out when a silent peer has gone.
    made = _bound(kind, host, port, socket.SO_REUSEPORT, socket.SO_KEEPALIVE)
    if kind == socket.SOCK_STREAM:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    return made


def acknowledge_by_answers(listening: socket.socket) -> None:
    """Let each answer acknowledge the message that it answers, which saves a packet on the air.

    By default the system acknowledges the first segments of a connection at once. A message that is not answered within
    40 ms is still acknowledged separately. To be called after ``listen``, which resets the option.
    """
    if hasattr(socket, "TCP_QUICKACK"):  # on Linux
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)


def own_socket(host: str, port: int) -> socket.socket:
    """A TCP socket that listens at the address, for this process alone. Raises CannotListenError."""
    made = _bound(socket.SOCK_STREAM, host, port)
    try:
        made.listen()  # at once: until then another process can bind to it as well
    except OSError as error:
        made.close()
        raise CannotListenError(host, port, error) from error
    return made


def room_for_connections() -> int:
    """Raise the limit of open files as far as possible; return how many of them are left for connections."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard - SPARE_DESCRIPTORS


def _bound(kind: socket.SocketKind, host: str, port: int, *options: int) -> socket.socket:
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
