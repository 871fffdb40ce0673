"""The sockets of a listener, and how many it may have."""

from __future__ import annotations

import resource
import socket

from smmeplus.common.vitals.sockets import bound_socket

#: Bytes that the system buffers for a connection that is not read, and so the most that one read can bring (LIS-3).
#: Linux doubles this for its own overhead. Its default grows to megabytes.
RECEIVE_BUFFER = 16_384
BACKLOG = 4_096
SPARE_DESCRIPTORS = 64  # for the database, the log and the rest, however many connections are open


def shared_socket(kind: socket.SocketKind, host: str, port: int) -> socket.socket:
    """A socket bound to the address, shared with other listeners of this machine. Raises CannotListenError."""
    # Connections inherit the options: by SO_KEEPALIVE the system finds out when a silent peer has gone.
    made = bound_socket(kind, host, port, socket.SO_REUSEPORT, socket.SO_KEEPALIVE)
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


def room_for_connections() -> int:
    """Raise the limit of open files as far as possible; return how many of them are left for connections."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard - SPARE_DESCRIPTORS
