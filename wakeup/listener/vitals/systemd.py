"""Tells systemd the state of a service that it started with ``Type=notify``; see sd_notify(3)."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def tell_systemd(*states: str) -> None:
    """Send ``states``, such as ``READY=1``, if systemd listens for them."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        # A failure must not cost messages: without a sign of life systemd acts by itself.
        notify.setblocking(False)
        notify.sendto("\n".join(states).encode(), "\0" + address[1:] if address.startswith("@") else address)
