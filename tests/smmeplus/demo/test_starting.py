"""Whether `make run` may start (OPS-1)."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from smmeplus.demo import starting
from smmeplus.demo.starting import CannotStartError, alone, check_ports, free_metrics_port, is_free
from tests.support.processes import free_port


def test_one_at_a_time_holds_the_demo_of_a_folder(tmp_path: Path) -> None:
    lock = tmp_path / "demo.lock"
    with alone(lock, "here"), pytest.raises(CannotStartError, match="runs already: here "), alone(lock, "there"):
        pytest.fail("two at a time")
    with alone(lock, "there"):
        assert lock.read_text() == "there"
    with alone(tmp_path / "other.lock", "a"), alone(lock, "b"):
        pass


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_port_on_which_somebody_listens_is_not_free(kind: socket.SocketKind, host: str) -> None:
    """Nor one that listeners share."""
    port = free_port()
    assert is_free(port)
    with socket.socket(type=kind) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((host, port))
        if kind == socket.SOCK_STREAM:
            other.listen()
        assert not is_free(port)
    assert is_free(port)


def test_the_same_port_twice_is_refused() -> None:
    port = free_port()
    with pytest.raises(CannotStartError, match=f"Taken already: PORT={port}, LISTENER_PORT={port}"):
        check_ports({"PORT": str(port), "LISTENER_PORT": str(port)})


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "http", "80.5", "²", " 80"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(CannotStartError, match=r"^PORT=.* is no port"):
        check_ports({"PORT": text})


def test_the_metrics_have_another_port_where_the_usual_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = free_port()
    monkeypatch.setattr(starting, "METRICS_PORT", usual)
    assert free_metrics_port() == usual
    with socket.create_server(("127.0.0.1", usual)):
        assert free_metrics_port() != usual
        assert is_free(free_metrics_port())
