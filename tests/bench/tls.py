"""What TLS costs (SEC-4): the loads of PER-1 and PER-2 on the port for TLS and on the plain one of the same listener.

The certificate has a key on P-256; with RSA of 2,048 bits a handshake costs the listener several times as much. What
is compared is the listener's processor time for each message, because the sender pays for TLS, too.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench.context import Context, Run
from tests.bench.figures import Result, compared
from tests.bench.sender import many_in_flight, one_connection_each
from tests.bench.servers import Server
from tests.bench.tls_sender import many_in_flight_by_tls, one_tls_connection_each
from tests.support.tls.listener import TlsListener, running_tls_listener

AT_ONCE = 50
CONNECTIONS = 100
IN_FLIGHT = 50
SECONDS = 2.0
WARM_UP_S = 0.3
UNIT = "µs"


def measure(context: Context) -> list[Result]:
    folder = context.stack.enter_context(tempfile.TemporaryDirectory())
    listener = context.stack.enter_context(
        running_tls_listener(Path(folder), "--metrics-port", "0", database=context.place.url)
    )
    _each(context, listener, WARM_UP_S)
    each = [_each(context, listener, SECONDS) for _ in range(context.rounds)]
    kept = [_kept(context, listener) for _ in range(context.rounds)]
    return [
        _compared("one connection per message, processor time of a message", each),
        _compared("100 connections, 50 in flight each, processor time of a message", kept),
    ]


def _each(context: Context, listener: TlsListener, seconds: float) -> tuple[Run, Run]:
    """The load over TLS, then without."""
    secure, plain = _servers(listener)
    trusted = str(listener.authority.file)
    return (
        context.against(secure, one_tls_connection_each, seconds, AT_ONCE, trusted),
        context.against(plain, one_connection_each, seconds, AT_ONCE),
    )


def _kept(context: Context, listener: TlsListener) -> tuple[Run, Run]:
    secure, plain = _servers(listener)
    trusted = str(listener.authority.file)
    return (
        context.against(secure, many_in_flight_by_tls, SECONDS, CONNECTIONS, IN_FLIGHT, trusted),
        context.against(plain, many_in_flight, SECONDS, CONNECTIONS, IN_FLIGHT),
    )


def _servers(listener: TlsListener) -> tuple[Server, Server]:
    pid = listener.plain.pid
    return Server(pid, listener.port), Server(pid, listener.plain.port)


def _compared(what: str, runs: list[tuple[Run, Run]]) -> Result:
    secure, plain = ([_us_of_a_message(run) for run in side] for side in zip(*runs, strict=True))
    rates = "; ".join(f"{one.outcome.rate:,.0f} and {other.outcome.rate:,.0f} messages/s" for one, other in runs)
    return compared("SEC-4", what, UNIT, secure, "without TLS", plain, None, [f"with TLS and without: {rates}"])


def _us_of_a_message(run: Run) -> float:
    return run.processor["server"] / run.outcome.answered * 1e6
