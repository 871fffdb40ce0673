"""What Zabbix' trapper reads and answers: a head of 13 bytes, and JSON."""

from __future__ import annotations

import json
import re
import socket
import struct
from collections.abc import Iterable

from tests.bench.sender import Load, Outcome, WrongAnswerError, one_connection_each_checked
from tests.support.listener import HOST

KEY = "wakeup"
_HEAD = struct.Struct("<4sBQ")
_PROCESSED = re.compile(rb"processed: (\d+); failed: 0;")


def frame_of(hosts: Iterable[str]) -> bytes:
    """A value of each of them."""
    values = [{"host": host, "key": KEY, "value": "1"} for host in hosts]
    body = json.dumps({"request": "sender data", "data": values}, separators=(",", ":")).encode()
    return _HEAD.pack(b"ZBXD", 1, len(body)) + body


def processed(answer: bytes) -> int:
    """How many values it took. Raises WrongAnswerError unless these are all."""
    if found := _PROCESSED.search(answer):
        return int(found[1])
    raise WrongAnswerError(f"received {answer!r} instead of what was processed")


def each_processed(load: Load, port: int, seconds: float, at_once: int) -> Outcome:
    """As one_connection_each; the answer says how long it took, and so is another one each time."""
    return one_connection_each_checked(load, port, seconds, at_once, processed)


def ask(port: int, frame: bytes) -> int:
    """Send ``frame`` over a connection of its own; how many values were taken. It closes when it has answered."""
    with socket.create_connection((HOST, port), timeout=30) as connected:
        connected.sendall(frame)
        answer = b""
        while more := connected.recv(65_536):
            answer += more
    return int(found[1]) if (found := _PROCESSED.search(answer)) else 0
